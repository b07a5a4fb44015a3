using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Client.Delegations;

/// <summary>
/// Puts each stream's envelopes in order: what comes early waits until those before it have
/// come, are known to be for others, or its time is over. Bounded. Not for concurrent use.
/// </summary>
/// <typeparam name="T">What is held.</typeparam>
internal sealed class HoldBack<T>(InboxOrder order, Func<StreamId, long> nextOf)
{
    private readonly Dictionary<StreamId, Stream> _streams = [];

    /// <summary>Items held.</summary>
    public int Count { get; private set; }

    /// <summary>When the one that waits longest has waited long enough; null when none is held.</summary>
    public DateTimeOffset? Deadline
    {
        get
        {
            DateTimeOffset? first = null;
            foreach (var stream in _streams.Values)
            {
                foreach (var held in stream.Held.Values)
                {
                    if (first is null || held.Until < first) first = held.Until;
                }
            }
            return first;
        }
    }

    /// <summary>Takes an envelope that has passed every check.</summary>
    public void Add(EnvelopeHead head, T item, DateTimeOffset now)
    {
        var stream = StreamOf(head.Id.Stream);
        // A second delivery of what is held would have been told as a duplicate; should
        // one come all the same, the newer lock is the one that can still be settled.
        if (!stream.Held.ContainsKey(head.Id.Sequence)) Count++;
        stream.Held[head.Id.Sequence] = new Held(item, head.Previous, now + order.HoldFor);
    }

    /// <summary>
    /// The next one to hand over: in order when there is one, else the one whose time is over or that there is no room for.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="item">What was held.</param>
    /// <param name="continuity">In order, after a gap, or late.</param>
    public bool TryTake(DateTimeOffset now, [MaybeNullWhen(false)] out T item, out StreamContinuity continuity)
    {
        foreach (var stream in _streams.Values)
        {
            if (stream.Held.Count > 0 && stream.Held.First().Key <= stream.Next) return Take(stream, out item, out continuity);
        }
        Stream? oldest = null;
        var first = DateTimeOffset.MaxValue;
        foreach (var stream in _streams.Values)
        {
            foreach (var held in stream.Held.Values)
            {
                if (held.Until >= first) continue;
                first = held.Until;
                oldest = stream;
            }
        }
        if (oldest is not null && (first <= now || Count > order.MaxHeld)) return Take(oldest, out item, out continuity);
        item = default;
        continuity = default;
        return false;
    }

    /// <summary>Streams with something held back for which nothing has been asked since they last moved.</summary>
    public IReadOnlyList<StreamId> TakeUnasked()
    {
        var unasked = new List<StreamId>();
        foreach (var (id, stream) in _streams)
        {
            if (stream.Held.Count == 0 || stream.Asked == (stream.Next, stream.Held.First().Key)) continue;
            stream.Asked = (stream.Next, stream.Held.First().Key);
            unasked.Add(id);
        }
        return unasked;
    }

    /// <summary>
    /// The sequences that the stream of <paramref name="id"/> waits for, nearest first,
    /// at most <paramref name="most"/>; with the digest the last of them must have.
    /// </summary>
    public (IReadOnlyList<long> Missing, Digest? LastDigest) Missing(StreamId id, int most)
    {
        if (!_streams.TryGetValue(id, out var stream) || stream.Held.Count == 0) return ([], null);
        var (sequence, held) = stream.Held.First();
        if (sequence - stream.Next > most) return ([], null);
        return ([.. Enumerable.Range(0, (int)Math.Max(0, sequence - stream.Next)).Select(i => stream.Next + i)], held.Previous);
    }

    /// <summary>Notes that everything before <paramref name="sequence"/> is for others.</summary>
    public void Skip(StreamId id, long sequence)
    {
        var stream = StreamOf(id);
        stream.Next = Math.Max(stream.Next, sequence);
    }

    /// <summary>Notes that an envelope was handed over without having been held.</summary>
    public void Pass(EnvelopeId id)
    {
        var stream = StreamOf(id.Stream);
        if (stream.Next == id.Sequence) stream.Next++;
    }

    private Stream StreamOf(StreamId id)
    {
        if (!_streams.TryGetValue(id, out var stream)) _streams[id] = stream = new Stream { Next = nextOf(id) };
        return stream;
    }

    private bool Take(Stream stream, out T item, out StreamContinuity continuity)
    {
        var (sequence, held) = stream.Held.First();
        continuity = sequence == stream.Next
            ? StreamContinuity.InOrder
            : sequence < stream.Next
            ? StreamContinuity.Late
            : StreamContinuity.Gap;
        stream.Held.Remove(sequence);
        Count--;
        stream.Next = Math.Max(stream.Next, sequence + 1);
        item = held.Item;
        return true;
    }

    private readonly record struct Held(T Item, Digest? Previous, DateTimeOffset Until);

    private sealed class Stream
    {
        // The sequence that may be handed over next; anything below is late and need not wait.
        public required long Next { get; set; }

        public SortedDictionary<long, Held> Held { get; } = [];

        public (long Next, long First) Asked { get; set; }
    }
}
