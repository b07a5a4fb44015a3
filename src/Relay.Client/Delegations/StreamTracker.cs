using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Client.Delegations;

/// <summary>
/// Remembers the digests and ledger indices of what was received of each stream
/// and says how the next envelope fits. Order of arrival does not matter.
/// Bounded: the newest of each stream are kept. Safe for concurrent use.
/// </summary>
public sealed class StreamTracker
{
    /// <summary>Envelopes remembered per stream: 4,096.</summary>
    public const int MaxRemembered = 4096;

    // Of these the receipts too, so that a contradiction can be shown and not just told.
    private const int MaxReceipts = 256;

    // What outlives the process; a message older than that many is told as too old, never taken twice.
    private const int MaxSaved = 256;

    // Guards _streams and what is in it; no await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, Stream> _streams = [];

    /// <summary>Judges an envelope whose signatures have been verified, and remembers it when it is new and fits.</summary>
    /// <param name="head">The envelope.</param>
    public StreamContinuity Observe(EnvelopeHead head) => Observe(head, null, default).Continuity;

    /// <summary>Judges an envelope whose signatures and receipt have been verified, and remembers it when it is new and fits.</summary>
    /// <param name="head">The envelope.</param>
    /// <param name="index">Its index in the ledger; null when it came without a receipt.</param>
    /// <param name="receipt">Text of its receipt; kept.</param>
    public StreamObservation Observe(EnvelopeHead head, long? index, ReadOnlyMemory<byte> receipt)
    {
        ArgumentNullException.ThrowIfNull(head);
        lock (_gate)
        {
            if (!_streams.TryGetValue(head.Id.Stream, out var stream)) _streams[head.Id.Stream] = stream = new Stream();
            return stream.Observe(head, index, receipt);
        }
    }

    /// <summary>
    /// Notes that what was said is safe with the caller: only then does
    /// <see cref="Write"/> keep it, so that a crash before makes it come again.
    /// </summary>
    public void Settle(EnvelopeId id)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(id.Stream, out var stream) && stream.Seen.TryGetValue(id.Sequence, out var seen))
            {
                stream.Seen[id.Sequence] = seen with { Settled = true };
            }
        }
    }

    /// <summary>True for an envelope that was settled, in this process or one before.</summary>
    public bool IsSettled(EnvelopeHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        lock (_gate)
        {
            return _streams.TryGetValue(head.Id.Stream, out var stream)
                && stream.Seen.TryGetValue(head.Id.Sequence, out var seen)
                && seen.Settled
                && seen.Digest == head.Digest;
        }
    }

    /// <summary>Forgets an envelope that was given back, so that it is new when it comes again.</summary>
    public void Forget(EnvelopeId id)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(id.Stream, out var stream) && stream.Seen.TryGetValue(id.Sequence, out var seen) && !seen.Settled)
            {
                stream.Seen.Remove(id.Sequence);
            }
        }
    }

    /// <summary>The sequence after the highest that was settled; 1 at first.</summary>
    public long NextOf(StreamId id)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(id, out var stream)) return 1;
            for (var i = stream.Seen.Count - 1; i >= 0; i--)
            {
                if (stream.Seen.Values[i].Settled) return stream.Seen.Keys[i] + 1;
            }
            return stream.Floor + 1;
        }
    }

    /// <summary>Writes what must outlive the process, as a JSON array.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        lock (_gate)
        {
            json.WriteStartArray();
            foreach (var (id, stream) in _streams)
            {
                json.WriteStartObject();
                json.WriteString("stream"u8, id.ToString());
                var settled = stream.Seen.Where(seen => seen.Value.Settled).TakeLast(MaxSaved).ToList();
                json.WriteNumber("floor"u8, settled.Count == MaxSaved ? Math.Max(stream.Floor, settled[0].Key - 1) : stream.Floor);
                json.WriteStartArray("seen"u8);
                foreach (var (sequence, seen) in settled)
                {
                    json.WriteStringValue($"{sequence} {seen.Index ?? -1} {seen.Digest} {seen.Previous}");
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false when it is anything else.</summary>
    internal bool TryRead(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array) return false;
        lock (_gate)
        {
            foreach (var item in json.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Object
                    || !item.TryGetProperty("stream", out var name)
                    || name.ValueKind != JsonValueKind.String)
                {
                    return false;
                }
                if (!EnvelopeId.TryParse($"{name.GetString()}/1", out var id)) return false;
                if (!item.TryGetProperty("floor", out var floor) || !floor.TryGetInt64(out var low) || low < 0) return false;
                if (!item.TryGetProperty("seen", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxSaved)
                {
                    return false;
                }
                var stream = new Stream { Floor = low };
                foreach (var text in list.EnumerateArray())
                {
                    if (text.ValueKind != JsonValueKind.String || !stream.TryRead(text.GetString()!)) return false;
                }
                _streams[id.Stream] = stream;
            }
        }
        return true;
    }

    private readonly record struct Seen(Digest Digest, Digest? Previous, long? Index, ReadOnlyMemory<byte> Receipt, bool Settled);

    private sealed class Stream
    {
        // By sequence; everything at or below Floor is too old to tell.
        public SortedList<long, Seen> Seen { get; } = [];

        public long Floor { get; set; }

        public StreamObservation Observe(EnvelopeHead head, long? index, ReadOnlyMemory<byte> receipt)
        {
            var sequence = head.Id.Sequence;
            if (sequence <= Floor) return new(StreamContinuity.TooOld, default);
            if (Seen.TryGetValue(sequence, out var same)) return Same(same, head.Digest, index);
            var place = Place(sequence);
            var before = place > 0 ? Seen.Values[place - 1] : default;
            var after = place < Seen.Count ? Seen.Values[place] : default;
            var hasPrevious = place > 0 && Seen.Keys[place - 1] == sequence - 1;
            if (hasPrevious && head.Previous != before.Digest) return new(StreamContinuity.BrokenChain, before.Receipt);
            if (place < Seen.Count && Seen.Keys[place] == sequence + 1 && after.Previous != head.Digest)
            {
                return new(StreamContinuity.BrokenChain, after.Receipt);
            }
            if (place > 0 && before.Index >= index) return new(StreamContinuity.OutOfOrder, before.Receipt);
            if (place < Seen.Count && after.Index <= index) return new(StreamContinuity.OutOfOrder, after.Receipt);
            Seen.Add(sequence, new Seen(head.Digest, head.Previous, index, receipt, false));
            Trim();
            return new(hasPrevious || sequence == 1 ? StreamContinuity.InOrder : StreamContinuity.Gap, default);
        }

        public bool TryRead(string text)
        {
            var parts = text.Split(' ');
            if (parts.Length != 4
                || !long.TryParse(parts[0], System.Globalization.CultureInfo.InvariantCulture, out var sequence)
                || sequence <= Floor)
            {
                return false;
            }
            if (!long.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out var index)
                || !Digest.TryParse(parts[2], out var digest))
            {
                return false;
            }
            Digest? previous = null;
            if (parts[3].Length > 0)
            {
                if (!Digest.TryParse(parts[3], out var read)) return false;
                previous = read;
            }
            return Seen.TryAdd(sequence, new Seen(digest, previous, index < 0 ? null : index, default, true));
        }

        private static StreamObservation Same(Seen same, Digest digest, long? index)
        {
            if (same.Digest != digest) return new(StreamContinuity.Equivocation, same.Receipt);
            return same.Index is { } there && index is { } here && there != here
                ? new(StreamContinuity.LoggedTwice, same.Receipt)
                : new(StreamContinuity.Duplicate, default);
        }

        // Where the sequence would stand among those seen.
        private int Place(long sequence)
        {
            var (low, high) = (0, Seen.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Seen.Keys[middle] < sequence) low = middle + 1;
                else high = middle;
            }
            return low;
        }

        private void Trim()
        {
            if (Seen.Count > MaxRemembered)
            {
                Floor = Seen.Keys[0];
                Seen.RemoveAt(0);
            }
            if (Seen.Count > MaxReceipts)
            {
                Seen.SetValueAtIndex(Seen.Count - 1 - MaxReceipts, Seen.Values[Seen.Count - 1 - MaxReceipts] with { Receipt = default });
            }
        }
    }
}
