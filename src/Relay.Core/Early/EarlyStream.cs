using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Early;

/// <summary>What is kept of one stream, and where the stream stands as far as this process knows. Guarded by its owner's gate.</summary>
internal sealed class EarlyStream(StreamId id)
{
    // Fewer in a row are not worth a commit of their own: what follows them goes along, to be held for what other workers have.
    private const int WorthACommit = 16;

    private readonly SortedList<long, EarlyEnvelope> _kept = [];

    public StreamId Id { get; } = id;

    /// <summary>The sequence that comes next.</summary>
    public long Next { get; private set; }

    /// <summary>Bytes of all that is kept.</summary>
    public long Bytes { get; private set; }

    public int Count => _kept.Count;

    /// <summary>The kept one that comes next is here.</summary>
    public bool IsReady => _kept.Count > 0 && _kept.GetKeyAtIndex(0) == Next;

    /// <summary>Under way, or waiting for a place to be.</summary>
    public Task? Run { get; set; }

    /// <summary>It waits for a place to run.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>What is near is to be relayed although what comes next is not here: another worker may have it, or have had it.</summary>
    public bool IsToBeTried { get; set; }

    /// <summary>As above, and where nothing is near the nearest, whose ruling tells where the stream stands.</summary>
    public bool IsToBeLookedAt { get; set; }

    /// <summary>How far beyond the next one the ledger holds, as far as rulings have said.</summary>
    public long Reach { get; set; } = LedgerLimits.HeldPerStream;

    /// <summary>Timestamp until which other workers are taken to have part of the stream: they were seen to commit lately.</summary>
    public long SharedUntil { get; set; }

    /// <summary>What comes next is here and could not be relayed just now: not before the next look.</summary>
    public bool IsHeldUp { get; set; }

    /// <summary>Looks in a row that found it where it was.</summary>
    public int Fruitless { get; set; }

    /// <summary>Timestamp before which nobody looks.</summary>
    public long LookAt { get; set; }

    public EarlyEnvelope? Find(long sequence) => _kept.GetValueOrDefault(sequence);

    public void Add(EarlyEnvelope envelope)
    {
        _kept.Add(envelope.Id.Sequence, envelope);
        Bytes += envelope.Wire.Length;
    }

    public void Remove(EarlyEnvelope envelope)
    {
        // Another of this sequence may be kept by now.
        if (_kept.GetValueOrDefault(envelope.Id.Sequence) != envelope) return;
        _kept.Remove(envelope.Id.Sequence);
        Bytes -= envelope.Wire.Length;
    }

    /// <summary>The farthest, which is of least use; null when nothing is kept.</summary>
    public EarlyEnvelope? Farthest => _kept.Count == 0 ? null : _kept.GetValueAtIndex(_kept.Count - 1);

    /// <summary>Takes note of what is next; what is before it is in the ledger and kept no longer.</summary>
    /// <returns>False when that was known.</returns>
    public bool Advance(long next)
    {
        if (next <= Next) return false;
        Next = next;
        Fruitless = 0;
        IsHeldUp = false;
        while (_kept.Count > 0 && _kept.GetKeyAtIndex(0) < next) Remove(_kept.GetValueAtIndex(0));
        return true;
    }

    /// <summary>Drops what has expired: the copy on the queue is ruled on as such.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var expired in _kept.Values.Where(envelope => envelope.ExpiresAt <= now).ToList()) Remove(expired);
    }

    /// <summary>What to relay now, by rising sequence; none when its turn has not come.</summary>
    /// <param name="most">At most so many, and none so far beyond the next.</param>
    public List<EarlyEnvelope> Take(int most)
    {
        var (isToBeTried, isToBeLookedAt) = (IsToBeTried, IsToBeLookedAt);
        IsToBeTried = IsToBeLookedAt = false;
        if (_kept.Count == 0 || IsHeldUp) return [];
        if (IsReady)
        {
            var inARow = _kept.Values.Where((envelope, i) => envelope.Id.Sequence == Next + i).Take(most).ToList();
            return inARow.Count >= WorthACommit ? inARow : Near(most);
        }

        if (!isToBeTried && !isToBeLookedAt) return [];
        var near = Near(most);
        return near.Count > 0 || !isToBeLookedAt ? near : [_kept.GetValueAtIndex(0)];
    }

    private List<EarlyEnvelope> Near(int most) =>
        [.. _kept.Values.TakeWhile(envelope => envelope.Id.Sequence <= Next + Reach).Take(most)];
}
