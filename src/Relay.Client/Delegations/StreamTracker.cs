using Relay.Protocol.Encoding;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Delegations;

/// <summary>
/// Remembers the digests of what was received of each stream and says how the next envelope fits. Order of arrival does not matter.
/// In memory, bounded: the newest of each stream are kept. Safe for concurrent use.
/// </summary>
public sealed class StreamTracker
{
    /// <summary>Envelopes remembered per stream: 4,096.</summary>
    public const int MaxRemembered = 4096;

    // Guards _streams and what is in it; no await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, SortedDictionary<long, Seen>> _streams = [];

    /// <summary>Judges an envelope whose statement has been verified, and remembers it when it is new and fits.</summary>
    public StreamContinuity Observe(EnvelopePayload payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        lock (_gate)
        {
            if (!_streams.TryGetValue(payload.Id.Stream, out var stream)) _streams[payload.Id.Stream] = stream = [];
            var sequence = payload.Id.Sequence;
            if (stream.TryGetValue(sequence, out var same)) return same.Digest == payload.Digest ? StreamContinuity.Duplicate : StreamContinuity.Equivocation;
            var hasPrevious = stream.TryGetValue(sequence - 1, out var previous);
            if (hasPrevious && payload.Previous != previous.Digest) return StreamContinuity.BrokenChain;
            if (stream.TryGetValue(sequence + 1, out var next) && next.Previous != payload.Digest) return StreamContinuity.BrokenChain;
            stream.Add(sequence, new Seen(payload.Digest, payload.Previous));
            if (stream.Count > MaxRemembered) stream.Remove(stream.First().Key);
            return hasPrevious || sequence == 1 ? StreamContinuity.InOrder : StreamContinuity.Gap;
        }
    }

    private readonly record struct Seen(Digest Digest, Digest? Previous);
}
