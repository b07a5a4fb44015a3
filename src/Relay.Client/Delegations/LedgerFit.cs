using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Delegations;

/// <summary>How a checkpoint that came with an envelope fits what the relay has shown before.</summary>
/// <param name="Fault"><see cref="InboxFault.None"/> when it fits as far as could be told.</param>
/// <param name="Detail">What was expected and what came; empty when it fits.</param>
/// <param name="Contradiction">The proof, when there is one.</param>
/// <param name="Earlier">What was found, only now, of a checkpoint that came before: the relay could not show that it
/// fits; null when nothing was.</param>
public sealed record LedgerFit(InboxFault Fault, string Detail, EvidenceFile? Contradiction, string? Earlier);
