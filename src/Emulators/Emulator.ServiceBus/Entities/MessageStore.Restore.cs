using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <content>What a journal held, put back at start.</content>
internal sealed partial class MessageStore
{
    /// <summary>At start: the last number given out.</summary>
    internal void RestoreNumberLocked(long last) => _lastSequenceNumber = last;

    /// <summary>At start, in ascending order: a message the journal held, ready, deferred or scheduled.</summary>
    /// <param name="entry">The message.</param>
    /// <param name="due">When it becomes active, if it is scheduled.</param>
    /// <param name="wasLocked">A receiver had it when the process ended: its lock ends with the first sweep, and counts.</param>
    internal void RestoreLocked(MessageEntry entry, DateTimeOffset due, bool wasLocked)
    {
        entry.IsCold = true;
        _index.Add(entry);
        Domain.Bytes += entry.Size;
        if (entry.IsDeferred) _deferred++;
        if (entry.State == EntryState.Scheduled)
        {
            _scheduled++;
            _timers.Set(entry, due);
        }
        else if (wasLocked)
        {
            LockLocked(entry, Now(), null);
        }
        else
        {
            _timers.Set(entry, entry.ExpiresAt);
            if (!entry.IsDeferred) _dispatch.MakeReady(entry, arrived: true);
        }
    }
}
