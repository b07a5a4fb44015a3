using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Entries by sequence number, in order. Numbers are added at the end, but for the few that were reserved before, so fixed-size chunks in a
/// list do: 8 bytes a message, binary search to find, and a removed prefix frees its chunks.
/// </summary>
internal sealed class SequenceIndex
{
    private const int ChunkBits = 8;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly List<Chunk> _chunks = [];

    public int Count { get; private set; }

    /// <summary>Adds an entry whose number is not there: at once when it is greater than every other, else among them.</summary>
    public void Add(MessageEntry entry)
    {
        var number = entry.SequenceNumber >> ChunkBits;
        if (_chunks.Count == 0 || _chunks[^1].Number < number) _chunks.Add(new Chunk(number));
        var position = _chunks[^1].Number == number ? _chunks.Count - 1 : Find(number);
        if (position < 0)
        {
            position = ~position;
            _chunks.Insert(position, new Chunk(number));
        }

        var chunk = _chunks[position];
        chunk.Slots[entry.SequenceNumber & (ChunkSize - 1)] = entry;
        chunk.Count++;
        Count++;
    }

    public bool TryGet(long sequenceNumber, [MaybeNullWhen(false)] out MessageEntry entry)
    {
        var position = Find(sequenceNumber >> ChunkBits);
        entry = position < 0 ? null : _chunks[position].Slots[sequenceNumber & (ChunkSize - 1)];
        return entry is not null;
    }

    public void Remove(MessageEntry entry)
    {
        var position = Find(entry.SequenceNumber >> ChunkBits);
        var chunk = _chunks[position];
        chunk.Slots[entry.SequenceNumber & (ChunkSize - 1)] = null;
        Count--;
        if (--chunk.Count == 0) _chunks.RemoveAt(position);
    }

    /// <summary>Entries numbered <paramref name="from"/> or higher, ascending. The index must not change meanwhile.</summary>
    public IEnumerable<MessageEntry> From(long from)
    {
        if (from < 0) from = 0;
        var position = Find(from >> ChunkBits);
        if (position < 0) position = ~position;
        for (; position < _chunks.Count; position++)
        {
            foreach (var entry in _chunks[position].Slots)
            {
                if (entry is not null && entry.SequenceNumber >= from) yield return entry;
            }
        }
    }

    /// <summary>Position of the chunk, or the complement of where it would be.</summary>
    private int Find(long number)
    {
        int low = 0, high = _chunks.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = _chunks[middle].Number;
            if (found == number) return middle;
            if (found < number) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private sealed class Chunk(long number)
    {
        public long Number { get; } = number;

        public MessageEntry?[] Slots { get; } = new MessageEntry?[ChunkSize];

        public int Count { get; set; }
    }
}
