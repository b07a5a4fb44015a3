using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Messages that may be delivered, by sequence number. New ones join at the end; returned ones (abandoned, lock ended) get their old place
/// back through a heap. Entries that left the ready state are skipped when reached, and swept out when they outnumber the rest.
/// </summary>
internal sealed class ReadyList
{
    private const int SweepThreshold = 64;

    private readonly Queue<MessageEntry> _arrived = [];
    private readonly PriorityQueue<MessageEntry, long> _returned = new();

    /// <summary>Entries that are ready now.</summary>
    public int Count { get; private set; }

    public void Append(MessageEntry entry)
    {
        _arrived.Enqueue(entry);
        Count++;
    }

    public void Return(MessageEntry entry)
    {
        _returned.Enqueue(entry, entry.SequenceNumber);
        Count++;
    }

    /// <summary>The entry is no longer ready, without having been taken.</summary>
    public void Forget()
    {
        Count--;
        if (_arrived.Count + _returned.Count <= (2 * Count) + SweepThreshold) return;
        Sweep();
    }

    /// <summary>Takes the ready entry with the lowest sequence number.</summary>
    public bool TryTake([MaybeNullWhen(false)] out MessageEntry entry)
    {
        if (!TryPeek(out entry, out var isReturned)) return false;
        if (isReturned) _returned.Dequeue();
        else _arrived.Dequeue();
        Count--;
        return true;
    }

    /// <summary>The ready entry with the lowest sequence number, left where it is.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out MessageEntry entry) => TryPeek(out entry, out _);

    private bool TryPeek([MaybeNullWhen(false)] out MessageEntry entry, out bool isReturned)
    {
        while (_arrived.TryPeek(out var arrived) && arrived.State != EntryState.Ready)
        {
            _arrived.Dequeue();
        }

        while (_returned.TryPeek(out var returned, out _) && returned.State != EntryState.Ready)
        {
            _returned.Dequeue();
        }

        isReturned = _returned.TryPeek(out entry, out var number);
        if (_arrived.TryPeek(out var first) && (!isReturned || first.SequenceNumber < number))
        {
            isReturned = false;
            entry = first;
        }

        return entry is not null;
    }

    private void Sweep()
    {
        var live = _returned.UnorderedItems.Where(item => item.Element.State == EntryState.Ready).ToArray();
        _returned.Clear();
        _returned.EnqueueRange(live.Select(item => (item.Element, item.Priority)));
        for (var left = _arrived.Count; left > 0; left--)
        {
            var entry = _arrived.Dequeue();
            if (entry.State == EntryState.Ready) _arrived.Enqueue(entry);
        }
    }
}
