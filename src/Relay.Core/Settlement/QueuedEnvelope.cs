using Relay.Protocol.Envelopes;

namespace Relay.Core.Settlement;

/// <summary>An envelope to be put on a queue.</summary>
/// <param name="Body">The bytes as they came; not copied, must stay unchanged until the call returns.</param>
/// <param name="Queue">Which queue, named by the lane it serves.</param>
public sealed record QueuedEnvelope(ReadOnlyMemory<byte> Body, Lane Queue)
{
    /// <summary>Value of <see cref="SettlementPolicy.AttemptProperty"/>; 0 leaves the property out.</summary>
    public int Attempt { get; init; }

    /// <summary>When the message becomes visible; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>W3C trace parent to carry; null for none.</summary>
    public string? TraceParent { get; init; }
}
