namespace Relay.Emulator.ServiceBus.Entities;

/// <content>What happens when a time comes: expiry, end of a lock, activation.</content>
internal sealed partial class MessageStore
{
    /// <summary>Does everything that is due.</summary>
    internal void SweepDue()
    {
        lock (Domain.Gate)
        {
            var now = Now();
            while (_timers.TryTakeDue(now, out var item))
            {
                if (item is Session session) Sessions!.ExpireLocked(session);
                else DueLocked((MessageEntry)item, now);
            }

            _timers.Rearm();
            PumpLocked();
            Domain.Commit();
        }
    }

    private void DueLocked(MessageEntry entry, DateTimeOffset now)
    {
        switch (entry.State)
        {
            case EntryState.Ready:
                ExpireLocked(entry);
                _dispatch.Forget(entry);
                break;
            case EntryState.Deferred: ExpireLocked(entry); break;
            case EntryState.Locked: FailLocked(entry); break;
            case EntryState.Scheduled: ActivateLocked(entry, now); break;
            case EntryState.Gone: break;
        }
    }

    private void ActivateLocked(MessageEntry entry, DateTimeOffset now)
    {
        var (content, first) = (entry.Content, entry.EnqueueSequenceNumber);
        RemoveLocked(entry);
        if (Activated is not null) Activated(content, first);
        else AddLocked(content, now, first);
    }
}
