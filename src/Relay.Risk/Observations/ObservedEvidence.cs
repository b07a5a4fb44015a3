using System.Collections.Immutable;
using Relay.Protocol.Ledger;

namespace Relay.Risk.Observations;

/// <summary>A contradiction in the ledger.</summary>
/// <param name="At">When the relay logged it.</param>
/// <param name="Kind">What it shows.</param>
/// <param name="Sender">In whose stream it is.</param>
/// <param name="Mediators">
/// Who vouched for what cannot be: for an equivocation who signed both heads, for a broken chain who signed the second. Nobody for a
/// fork, which is the relay's doing or the sender's.
/// </param>
public sealed record ObservedEvidence(DateTimeOffset At, EvidenceKind Kind, string Sender, ImmutableArray<string> Mediators);
