using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Sessions: each is held by at most one receiver, which gets its messages in order. Members without "Locked" in the name and not
/// inherited take the gate themselves.
/// </summary>
internal sealed class SessionDispatch(MessageStore store) : Dispatch
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    // Free sessions with messages, by the number of the oldest when they were put here; stale ones are skipped.
    private readonly PriorityQueue<Session, long> _available = new();
    private readonly Queue<SessionWaiter> _waiters = [];
    private readonly Queue<Session> _touched = [];

    /// <summary>Locks a named session, with or without messages in it.</summary>
    /// <returns>Null when another receiver holds it.</returns>
    public MessageReceiver? Accept(string sessionId, IMessageConsumer consumer, ReceiveMode mode)
    {
        lock (store.Domain.Gate)
        {
            var session = GetOrAddLocked(sessionId);
            return session.Owner is null ? TakeLocked(session, consumer, mode) : null;
        }
    }

    /// <summary>Locks the free session with the oldest message, now or as soon as there is one.</summary>
    public void AcceptNext(SessionWaiter waiter)
    {
        lock (store.Domain.Gate)
        {
            _waiters.Enqueue(waiter);
            store.PumpLocked();
            store.Domain.Commit();
        }
    }

    /// <summary>Ends a wait.</summary>
    /// <returns>False when a session was granted before.</returns>
    public bool Cancel(SessionWaiter waiter)
    {
        lock (store.Domain.Gate)
        {
            if (!_waiters.Contains(waiter) || waiter.IsCancelled) return false;
            waiter.IsCancelled = true;
            return true;
        }
    }

    /// <summary>Extends the lock of a held session to the lock duration from now.</summary>
    public EntityFault Renew(string sessionId, out DateTimeOffset lockedUntil)
    {
        lock (store.Domain.Gate)
        {
            lockedUntil = default;
            if (!TryGetHeldLocked(sessionId, out var session)) return EntityFault.SessionLockLost;
            lockedUntil = RenewLocked(session);
            return EntityFault.None;
        }
    }

    /// <summary>Reads the state of a held session.</summary>
    public EntityFault TryGetState(string sessionId, out ReadOnlyMemory<byte>? state)
    {
        lock (store.Domain.Gate)
        {
            var isHeld = TryGetHeldLocked(sessionId, out var session);
            state = session?.State;
            return isHeld ? EntityFault.None : EntityFault.SessionLockLost;
        }
    }

    /// <summary>Sets the state of a held session; null clears it.</summary>
    public EntityOutcome SetState(string sessionId, ReadOnlyMemory<byte>? state)
    {
        lock (store.Domain.Gate)
        {
            if (store.Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (!TryGetHeldLocked(sessionId, out _)) return EntityOutcome.Failed(EntityFault.SessionLockLost);
            SetStateLocked(sessionId, state);
            return store.Domain.Commit();
        }
    }

    /// <summary>Sets the state of a session that was found held. Called under the gate; the caller commits.</summary>
    public void SetStateLocked(string sessionId, ReadOnlyMemory<byte>? state)
    {
        var session = GetOrAddLocked(sessionId);
        session.State = state;
        session.StateChangedAt = store.Domain.Time.GetUtcNow();
        store.Domain.Record(new JournalRecord(JournalRecordKind.SessionState, store.Path, null, sessionId, session.StateChangedAt, state));
    }

    /// <summary>At start: a state the journal held.</summary>
    public void RestoreStateLocked(string sessionId, ReadOnlyMemory<byte> state, DateTimeOffset changedAt)
    {
        var session = GetOrAddLocked(sessionId);
        session.State = state;
        session.StateChangedAt = changedAt;
    }

    /// <summary>Ids of sessions with messages, or with state changed since a time, in ordinal order.</summary>
    public IReadOnlyList<string> List(DateTimeOffset changedSince, int skip, int top)
    {
        lock (store.Domain.Gate)
        {
            return [.. _sessions.Values
                .Where(
                    session =>
                        session.Ready.Count + session.Lock.Messages.Count > 0
                            || (session.State is not null && session.StateChangedAt >= changedSince))
                .Select(session => session.Id)
                .Order(StringComparer.Ordinal)
                .Skip(skip)
                .Take(top)];
        }
    }

    /// <summary>Entities with sessions do not forward.</summary>
    public override bool HasReady => false;

    public override bool TryTake([MaybeNullWhen(false)] out MessageEntry entry)
    {
        entry = null;
        return false;
    }

    public override void MakeReady(MessageEntry entry, bool arrived)
    {
        var session = GetOrAddLocked(entry.SessionId!);

        // One text for all of a session.
        entry.SessionId = session.Id;
        if (arrived) session.Ready.Append(entry);
        else session.Ready.Return(entry);
        TouchLocked(session);
    }

    public override void Forget(MessageEntry entry)
    {
        if (!_sessions.TryGetValue(entry.SessionId!, out var session)) return;
        session.Ready.Forget();
        DropIfUnusedLocked(session);
    }

    public override void Offer(MessageReceiver receiver)
    {
        if (receiver.Session is { } session) TouchLocked(session);
    }

    public override bool TryNext([MaybeNullWhen(false)] out MessageEntry entry, [MaybeNullWhen(false)] out MessageReceiver receiver)
    {
        while (_touched.TryPeek(out var session))
        {
            receiver = session.Owner;
            if (receiver is { Capacity: > 0 } && session.Ready.TryTake(out entry)) return true;
            _touched.Dequeue();
            session.IsTouched = false;
            if (receiver is null) OfferLocked(session);
        }

        GrantLocked();
        (entry, receiver) = (null, null);
        return false;
    }

    /// <summary>The lock ended: its owner is told, its messages come back uncounted.</summary>
    public void ExpireLocked(Session session)
    {
        session.Owner?.LoseSession();
        ReleaseLocked(session);
    }

    /// <summary>The owner let go, or lost it.</summary>
    public void ReleaseLocked(Session session)
    {
        if (session.Owner is not { } owner) return;
        owner.Session = null;
        owner.Capacity = 0;
        session.Owner = null;
        store.ClearTimerLocked(session);
        foreach (var entry in session.Lock.Messages.ToArray())
        {
            store.UnlockLocked(entry);
        }

        TouchLocked(session);
    }

    /// <summary>The store is gone: nobody holds anything any more.</summary>
    public void ReleaseAllLocked()
    {
        foreach (var session in _sessions.Values)
        {
            ReleaseLocked(session);
        }
    }

    /// <summary>A held session, by one of its messages.</summary>
    public void RenewLocked(string sessionId) => RenewLocked(_sessions[sessionId]);

    public DateTimeOffset RenewLocked(Session session)
    {
        session.Lock.Until = store.Domain.Time.GetUtcNow() + store.LockDuration;
        store.SetTimerLocked(session, session.Lock.Until);
        return session.Lock.Until;
    }

    /// <summary>The session when somebody holds its lock.</summary>
    public bool TryGetHeldLocked(string sessionId, [MaybeNullWhen(false)] out Session session) =>
        _sessions.TryGetValue(sessionId, out session) && session.Owner is not null && session.Lock.Until > store.Domain.Time.GetUtcNow();

    private Session GetOrAddLocked(string id)
    {
        ref var session = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_sessions, id, out _);
        return session ??= new Session(id);
    }

    private MessageReceiver TakeLocked(Session session, IMessageConsumer consumer, ReceiveMode mode)
    {
        session.Owner = new MessageReceiver(store, consumer, mode) { Session = session };
        RenewLocked(session);
        return session.Owner;
    }

    private void TouchLocked(Session session)
    {
        if (session.IsTouched) return;
        session.IsTouched = true;
        _touched.Enqueue(session);
    }

    private void OfferLocked(Session session)
    {
        if (!session.Ready.TryPeek(out var oldest))
        {
            DropIfUnusedLocked(session);
        }
        else if (!session.IsOffered)
        {
            session.IsOffered = true;
            _available.Enqueue(session, oldest.SequenceNumber);
        }
    }

    private void GrantLocked()
    {
        while (_waiters.TryPeek(out var waiter))
        {
            if (!waiter.IsCancelled)
            {
                if (!TryTakeAvailableLocked(out var session)) return;
                waiter.Grant(TakeLocked(session, waiter.Consumer, waiter.Mode));
            }

            _waiters.Dequeue();
        }
    }

    private bool TryTakeAvailableLocked([MaybeNullWhen(false)] out Session session)
    {
        while (_available.TryDequeue(out session, out _))
        {
            session.IsOffered = false;
            if (session.Owner is null && session.Ready.Count > 0) return true;
            DropIfUnusedLocked(session);
        }

        return false;
    }

    private void DropIfUnusedLocked(Session session)
    {
        // One still listed somewhere is looked at again there.
        if (session.IsUnused && !session.IsTouched && !session.IsOffered) _sessions.Remove(session.Id);
    }
}
