using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.State;

/// <summary>
/// The head of a ledger: its state, what of its last commit may not be published yet, and the checkpoint it promises. Immutable.
/// </summary>
/// <param name="Origin"><c>{relay name}/{negotiation}</c>.</param>
/// <param name="State">The state; its commit is at least 1.</param>
/// <param name="Staging">What <see cref="LedgerPaths.StagingName"/> calls the
/// blob of the last commit; null when that commit wrote nothing else.</param>
/// <param name="Checkpoint">Signed checkpoint of the state's tree.</param>
/// <param name="Certificate">Certificate of the key that signed checkpoint and head.</param>
public sealed record LedgerHead(
    string Origin, LedgerState State, string? Staging, SignedNote Checkpoint, CheckpointKeyCertificate Certificate);
