using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// The one clock of a store: each item has at most one due time (activation, expiry, or end of lock, by its state). Changing it bumps the
/// item's version, so what the heap still holds from before is a no-op. All members but the callback run under the gate.
/// </summary>
internal sealed class DueTimers : IDisposable
{
    private const int SweepThreshold = 1024;

    // The system timer takes at most 49 days; a day is as good, the callback only looks again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly PriorityQueue<(TimedItem Entry, int Version), long> _heap = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset _wakesAt = DateTimeOffset.MaxValue;
    private int _live;

    /// <param name="time">Where time comes from.</param>
    /// <param name="callback">Called without the gate when something may be due.</param>
    public DueTimers(TimeProvider time, Action callback)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((Action)state!)(), callback, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets the entry's due time, replacing any before; <see cref="DateTimeOffset.MaxValue"/> means never.</summary>
    public void Set(TimedItem entry, DateTimeOffset due)
    {
        Clear(entry);
        if (due == DateTimeOffset.MaxValue) return;
        entry.TimerArmed = true;
        _live++;
        _heap.Enqueue((entry, entry.TimerVersion), due.UtcTicks);
        if (due < _wakesAt) WakeAt(due);
    }

    public void Clear(TimedItem entry)
    {
        entry.TimerVersion++;
        if (!entry.TimerArmed) return;
        entry.TimerArmed = false;
        _live--;
        if (_heap.Count > (2 * _live) + SweepThreshold) Sweep();
    }

    /// <summary>Takes an entry whose time has come.</summary>
    public bool TryTakeDue(DateTimeOffset now, [MaybeNullWhen(false)] out TimedItem entry)
    {
        while (_heap.TryPeek(out var item, out var due) && (due <= now.UtcTicks || item.Version != item.Entry.TimerVersion))
        {
            _heap.Dequeue();
            if (item.Version != item.Entry.TimerVersion) continue;
            entry = item.Entry;
            entry.TimerArmed = false;
            entry.TimerVersion++;
            _live--;
            return true;
        }

        entry = null;
        return false;
    }

    /// <summary>Called after the due ones were taken: sleeps until the next.</summary>
    public void Rearm()
    {
        _wakesAt = DateTimeOffset.MaxValue;
        if (_heap.TryPeek(out _, out var due)) WakeAt(new DateTimeOffset(due, TimeSpan.Zero));
    }

    public void Dispose() => _timer.Dispose();

    private void WakeAt(DateTimeOffset due)
    {
        _wakesAt = due;
        var wait = due - _time.GetUtcNow();
        if (wait > LongestWait) wait = LongestWait;

        // Rounded up: a timer that fires a fraction of a millisecond early would find nothing due.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        var live = _heap.UnorderedItems.Where(item => item.Element.Version == item.Element.Entry.TimerVersion).ToArray();
        _heap.Clear();
        _heap.EnqueueRange(live.Select(item => (item.Element, item.Priority)));
    }
}
