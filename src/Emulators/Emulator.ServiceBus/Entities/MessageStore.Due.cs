using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <content>What happens when a time comes: expiry, end of a lock, activation.</content>
internal sealed partial class MessageStore
{
    // Under the gate at a time: a million messages may expire at once.
    private const int SweptAtOnce = 1024;
    private static readonly TimeSpan ReadRetry = TimeSpan.FromSeconds(1);

    /// <summary>Does everything that is due.</summary>
    internal void SweepDue()
    {
        while (SweepSome())
        {
        }
    }

    /// <returns>Whether there is more.</returns>
    private bool SweepSome()
    {
        lock (Domain.Gate)
        {
            var now = Now();
            var left = SweptAtOnce;
            while (left-- > 0 && _timers.TryTakeDue(now, out var item))
            {
                try
                {
                    if (item is Session session) Sessions!.ExpireLocked(session);
                    else DueLocked((MessageEntry)item, now);
                }
                catch (JournalReadException)
                {
                    // The disk again. Nothing was changed; it is as due in a second.
                    _timers.Set(item, now + ReadRetry);
                }
            }

            _timers.Rearm();
            PumpLocked();
            Domain.Commit();
            return left < 0;
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
        var (content, first) = (ContentOfLocked(entry), entry.EnqueueSequenceNumber);
        RemoveLocked(entry);
        if (Activated is not null) Activated(content, first);
        else AddLocked(content, now, first);
    }
}
