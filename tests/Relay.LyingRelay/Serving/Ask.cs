using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Serving;

/// <summary>What a reader can ask the relay for.</summary>
internal enum AskKind
{
    Checkpoint,
    Certificate,
    Tile,
    Bundle,
    Consistency,
    Receipt,
    Status,
    Policy,
}

/// <summary>A question of a reader.</summary>
/// <param name="Party">Who asks.</param>
/// <param name="Kind">For what.</param>
internal sealed record Ask(string Party, AskKind Kind)
{
    public TileId Tile { get; init; }

    public EnvelopeId Id { get; init; }

    public long From { get; init; }

    public long To { get; init; }

    public Digest Policy { get; init; }

    public uint KeyId { get; init; }
}

/// <summary>An answer over HTTP.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Body.</param>
/// <param name="CheckpointKey">Certificate beside a checkpoint; null for none.</param>
internal sealed record Answer(int Status, byte[] Body, string? CheckpointKey = null)
{
    public static Answer NotThere { get; } = new(404, []);

    public static Answer NotNow { get; } = new(503, []);

    public static Answer Refused { get; } = new(403, []);
}
