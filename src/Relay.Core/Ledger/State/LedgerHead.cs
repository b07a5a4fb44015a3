using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.State;

/// <summary>
/// The head of a ledger: its state, what commits have written and nobody has published yet, and the checkpoint it promises. Immutable.
/// </summary>
/// <param name="Origin"><c>{relay name}/{negotiation}</c>.</param>
/// <param name="State">The state; its commit is at least 1.</param>
/// <param name="Staged">What is not yet in its place, of this commit's number; null when everything is.</param>
/// <param name="Checkpoint">Signed checkpoint of the state's tree.</param>
/// <param name="Certificate">Certificate of the key that signed checkpoint and head.</param>
public sealed record LedgerHead(
    string Origin, LedgerState State, StagedCommit? Staged, SignedNote Checkpoint, CheckpointKeyCertificate Certificate);
