using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>A checkpoint that a view keeps, and how it stands to the first one seen.</summary>
internal sealed class KeptCheckpoint(SignedCheckpoint signed, CheckpointStanding standing)
{
    public SignedCheckpoint Signed { get; } = signed;

    /// <summary>Guarded by the view's lock.</summary>
    public CheckpointStanding Standing { get; set; } = standing;
}
