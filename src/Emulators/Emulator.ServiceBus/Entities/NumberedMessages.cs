using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>What can be done with a store's messages by sequence number rather than in turn. Every member takes the gate.</summary>
internal sealed class NumberedMessages(MessageStore store, SequenceIndex index)
{
    /// <summary>Takes deferred messages by number, all of them or none; locks them in peek-lock mode, else removes them.</summary>
    public EntityOutcome ReceiveDeferred(
        IReadOnlyList<long> sequenceNumbers, ReceiveMode mode, string? sessionId, List<MessageSnapshot> messages)
    {
        lock (store.Domain.Gate)
        {
            if (store.Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            Session? session = null;
            if (store.Sessions is not null && (sessionId is null || !store.Sessions.TryGetHeldLocked(sessionId, out session)))
            {
                return EntityOutcome.Failed(EntityFault.SessionLockLost);
            }

            var entries = new List<MessageEntry>(sequenceNumbers.Count);
            foreach (var number in sequenceNumbers)
            {
                if (!index.TryGet(number, out var entry) || entry.State != EntryState.Deferred || entries.Contains(entry)
                    || (session is not null && entry.SessionId != session.Id))
                {
                    return EntityOutcome.Failed(EntityFault.MessageNotFound);
                }

                entries.Add(entry);
            }

            foreach (var entry in entries)
            {
                if (mode == ReceiveMode.PeekLock)
                {
                    store.LockLocked(entry, store.Domain.Time.GetUtcNow() + store.LockDuration, session?.Lock);
                }

                messages.Add(entry.Snapshot());
            }

            // Before any goes away.
            store.Load(messages, 0);
            foreach (var entry in entries)
            {
                if (mode == ReceiveMode.ReceiveAndDelete) store.RemoveLocked(entry);
            }

            return store.Domain.Commit();
        }
    }

    /// <summary>Removes scheduled messages, all of them or none.</summary>
    public EntityOutcome Cancel(IReadOnlyList<long> sequenceNumbers)
    {
        lock (store.Domain.Gate)
        {
            if (store.Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (CheckCancelLocked(sequenceNumbers) is var fault && fault != EntityFault.None) return EntityOutcome.Failed(fault);
            CancelLocked(sequenceNumbers);
            return store.Domain.Commit();
        }
    }

    public EntityFault CheckCancelLocked(IReadOnlyList<long> sequenceNumbers)
    {
        foreach (var number in sequenceNumbers)
        {
            if (!index.TryGet(number, out var entry) || entry.State != EntryState.Scheduled) return EntityFault.MessageNotFound;
        }

        return EntityFault.None;
    }

    public void CancelLocked(IReadOnlyList<long> sequenceNumbers)
    {
        foreach (var number in sequenceNumbers)
        {
            if (index.TryGet(number, out var entry)) store.RemoveLocked(entry);
        }
    }

    /// <summary>
    /// Removes messages that may be received and were enqueued before a time, oldest first. Locked, deferred and scheduled ones stay.
    /// </summary>
    /// <param name="most">At least 1.</param>
    /// <param name="before">Those enqueued at this time or later stay.</param>
    /// <param name="sessionId">Only of this session; null for all.</param>
    /// <param name="removed">How many.</param>
    public EntityOutcome Delete(int most, DateTimeOffset before, string? sessionId, out int removed)
    {
        removed = 0;
        lock (store.Domain.Gate)
        {
            if (store.Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            var entries = index.From(0)
                .Where(
                    entry =>
                        entry.State == EntryState.Ready
                            && entry.EnqueuedTime < before
                            && (sessionId is null || entry.SessionId == sessionId))
                .Take(most)
                .ToList();
            foreach (var entry in entries)
            {
                store.DeleteLocked(entry);
            }

            removed = entries.Count;
            return store.Domain.Commit();
        }
    }

    /// <summary>Copies of messages in any state, ascending from a number; nothing is locked or counted.</summary>
    /// <param name="maxBytes">Stops before the message that would exceed it, but never before the first.</param>
    public List<MessageSnapshot> Peek(long fromSequenceNumber, int maxMessages, long maxBytes, string? sessionId)
    {
        var messages = new List<MessageSnapshot>();
        lock (store.Domain.Gate)
        {
            foreach (var entry in index.From(fromSequenceNumber))
            {
                if (messages.Count == maxMessages) break;
                if (sessionId is not null && entry.SessionId != sessionId) continue;
                maxBytes -= entry.Size;
                if (maxBytes < 0 && messages.Count > 0) break;
                messages.Add(entry.Snapshot());
            }
        }

        store.Load(messages, 0);
        return messages;
    }
}
