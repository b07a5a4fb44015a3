using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// The messages of a queue, a subscription or a dead-letter queue, and the only place where a message changes state. Members named
/// without "Locked" take the domain's gate themselves; nothing here awaits.
/// </summary>
internal sealed partial class MessageStore : IDisposable
{
    private StoreSettings _settings;
    private readonly MessageStore? _deadLetters;
    private readonly SequenceIndex _index = new();
    private readonly Dictionary<Guid, MessageEntry> _locks = [];
    private readonly Dispatch _dispatch;
    private readonly DueTimers _timers;
    private long _lastSequenceNumber;
    private int _deferred;
    private int _scheduled;

    /// <param name="domain">Shared with the other stores of the entity.</param>
    /// <param name="settings">How messages are treated.</param>
    /// <param name="deadLetters">Where dead-lettered messages go, of the same domain; null in a dead-letter store.</param>
    public MessageStore(EntityDomain domain, StoreSettings settings, MessageStore? deadLetters)
    {
        Domain = domain;
        _settings = settings;
        _deadLetters = deadLetters;
        _timers = new DueTimers(domain.Time, SweepDue);
        Numbered = new NumberedMessages(this, _index);
        Sessions = settings.RequiresSession ? new SessionDispatch(this) : null;
        _dispatch = (Dispatch?)Sessions ?? new CompetingDispatch();
    }

    public EntityDomain Domain { get; }

    public string Path => _settings.Path;

    public TimeSpan LockDuration => _settings.LockDuration;

    /// <summary>Access by sequence number.</summary>
    public NumberedMessages Numbered { get; }

    /// <summary>The sessions, or null when the store has none.</summary>
    public SessionDispatch? Sessions { get; }

    /// <summary>Takes a scheduled message whose time has come, already removed from here; null makes it active here.</summary>
    public Action<MessageContent, long>? Activated { get; init; }

    /// <summary>Adds a message under the gate; scheduled when its time is still to come. The caller commits and then pumps.</summary>
    /// <returns>Its sequence number: <paramref name="reserved"/> while it is scheduled, else a new one, as at activation.</returns>
    public long AddLocked(
        MessageContent content, DateTimeOffset now, long? enqueueSequenceNumber = null, int deliveryCount = 0, string? deadLetterSource = null, long? reserved = null)
    {
        var isScheduled = content.ScheduledEnqueueTime > now && deadLetterSource is null;
        var number = isScheduled && reserved is { } early ? early : ++_lastSequenceNumber;
        enqueueSequenceNumber ??= reserved;
        var entry = new MessageEntry(content, number)
        {
            EnqueueSequenceNumber = enqueueSequenceNumber ?? number,
            EnqueuedTime = now,
            DeliveryCount = deliveryCount,
            DeadLetterSource = deadLetterSource,
        };
        Domain.Journal.Window.Enter(entry, _index.Count);
        Domain.Bytes += entry.Size;
        _index.Add(entry);
        if (isScheduled)
        {
            entry.State = EntryState.Scheduled;
            _scheduled++;
            _timers.Set(entry, content.ScheduledEnqueueTime!.Value);
        }
        else
        {
            MakeReadyLocked(entry, content, now);
        }

        Domain.Record(new JournalRecord(JournalRecordKind.Added, Path, entry));
        return number;
    }

    public MessageReceiver OpenReceiver(IMessageConsumer consumer, ReceiveMode mode) => new(this, consumer, mode);

    /// <summary>Settles one locked message.</summary>
    public EntityOutcome Settle(Guid lockToken, Settlement settlement)
    {
        lock (Domain.Gate)
        {
            if (!TryGetLockLocked(lockToken, out var entry)) return EntityOutcome.Failed(LockLost);
            if (settlement.Kind != SettlementKind.Release && Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (settlement.Kind == SettlementKind.DeadLetter && _deadLetters is null) return EntityOutcome.Failed(EntityFault.DeadLetterNotAllowed);
            if (PrepareLocked(entry, settlement) is var fault and not EntityFault.None) return EntityOutcome.Failed(fault);
            SettleLocked(entry, settlement);
            PumpLocked();
            return Domain.Commit();
        }
    }

    /// <summary>Settles several messages, all of them or none.</summary>
    public EntityOutcome Settle(IReadOnlyList<Guid> lockTokens, Settlement settlement)
    {
        lock (Domain.Gate)
        {
            if (Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            var fault = CheckSettleLocked(lockTokens, settlement);
            if (fault != EntityFault.None) return EntityOutcome.Failed(fault);
            SettleLocked(lockTokens, settlement);
            return Domain.Commit();
        }
    }

    /// <summary>Whether messages can be settled so now. Called under the gate.</summary>
    public EntityFault CheckSettleLocked(IReadOnlyList<Guid> lockTokens, Settlement settlement)
    {
        if (settlement.Kind == SettlementKind.DeadLetter && _deadLetters is null) return EntityFault.DeadLetterNotAllowed;
        foreach (var token in lockTokens)
        {
            if (!TryGetLockLocked(token, out var entry)) return LockLost;
            if (PrepareLocked(entry, settlement) is var fault and not EntityFault.None) return fault;
        }

        return EntityFault.None;
    }

    /// <summary>Settles messages that were checked. Called under the gate; the caller commits.</summary>
    public void SettleLocked(IReadOnlyList<Guid> lockTokens, Settlement settlement)
    {
        foreach (var token in lockTokens)
        {
            if (TryGetLockLocked(token, out var entry)) SettleLocked(entry, settlement);
        }

        PumpLocked();
    }

    /// <summary>Extends locks to the lock duration from now, all of them or none.</summary>
    public EntityFault Renew(IReadOnlyList<Guid> lockTokens, out DateTimeOffset lockedUntil)
    {
        lock (Domain.Gate)
        {
            lockedUntil = Now() + _settings.LockDuration;
            foreach (var token in lockTokens)
            {
                if (!TryGetLockLocked(token, out _)) return LockLost;
            }

            foreach (var token in lockTokens)
            {
                var entry = _locks[token];
                if (entry.Lock!.Session is not null)
                {
                    Sessions!.RenewLocked(entry.SessionId!);
                    continue;
                }

                entry.Lock.Until = lockedUntil;
                _timers.Set(entry, lockedUntil);
            }

            return EntityFault.None;
        }
    }

    public StoreCounts Count()
    {
        lock (Domain.Gate)
        {
            return new StoreCounts(_index.Count - _deferred - _scheduled, _deferred, _scheduled);
        }
    }

    public void Dispose()
    {
        lock (Domain.Gate)
        {
            _timers.Dispose();
        }
    }

    internal void Grant(MessageReceiver receiver, int capacity)
    {
        lock (Domain.Gate)
        {
            // A session receiver whose session is gone gets nothing any more.
            receiver.Capacity = Sessions is not null && receiver.Session is null ? 0 : capacity;
            if (receiver.Capacity <= 0) return;
            _dispatch.Offer(receiver);
            PumpLocked();
            Domain.Commit();
        }
    }

    internal void Close(MessageReceiver receiver)
    {
        lock (Domain.Gate)
        {
            receiver.Capacity = 0;
            while (receiver.TryUnassign(out var entry))
            {
                UnlockLocked(entry);
            }

            if (receiver.Session is { } session) Sessions!.ReleaseLocked(session);
            PumpLocked();
            Domain.Commit();
        }
    }

    internal void RemoveSent(ReadOnlySpan<MessageSnapshot> messages)
    {
        lock (Domain.Gate)
        {
            foreach (var message in messages)
            {
                if (_locks.TryGetValue(message.LockToken, out var entry)) RemoveLocked(entry);
            }

            Domain.Commit();
        }
    }

    /// <summary>Hands ready messages to receivers with capacity.</summary>
    internal void PumpLocked()
    {
        if (_settings.ForwardTo is not null)
        {
            BeginForwardingLocked();
            return;
        }

        while (_dispatch.TryNext(out var entry, out var receiver))
        {
            if (entry.ExpiresAt <= Now())
            {
                if (TryExpireLocked(entry)) continue;
                return;
            }

            // A receive-and-delete message is locked without end for the moment until it is on the wire.
            LockLocked(entry, receiver.Mode == ReceiveMode.PeekLock ? Now() + LockDuration : DateTimeOffset.MaxValue, receiver.Session?.Lock);
            receiver.Assign(entry);
        }
    }

    internal void SetTimerLocked(TimedItem item, DateTimeOffset due) => _timers.Set(item, due);

    internal void ClearTimerLocked(TimedItem item) => _timers.Clear(item);

    internal void UnlockLocked(MessageEntry entry)
    {
        if (entry.ExpiresAt <= Now())
        {
            ExpireLocked(entry);
            return;
        }

        ForgetLockLocked(entry);
        entry.State = entry.IsDeferred ? EntryState.Deferred : EntryState.Ready;
        _timers.Set(entry, entry.ExpiresAt);
        if (!entry.IsDeferred) _dispatch.MakeReady(entry, arrived: false);
        Domain.Record(new JournalRecord(JournalRecordKind.Changed, Path, entry));
    }

    private EntityFault LockLost => Sessions is null ? EntityFault.LockLost : EntityFault.SessionLockLost;

    private DateTimeOffset Now() => Domain.Time.GetUtcNow();

    private bool TryGetLockLocked(Guid lockToken, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out MessageEntry entry) =>
        _locks.TryGetValue(lockToken, out entry) && entry.Lock!.End > Now();

    private void SettleLocked(MessageEntry entry, Settlement settlement)
    {
        switch (settlement.Kind)
        {
            case SettlementKind.Complete:
                RemoveLocked(entry);
                break;
            case SettlementKind.Abandon:
                MergeLocked(entry, settlement.Properties);
                FailLocked(entry);
                break;
            case SettlementKind.Defer:
                MergeLocked(entry, settlement.Properties);
                ForgetLockLocked(entry);
                if (!entry.IsDeferred) _deferred++;
                entry.IsDeferred = true;
                entry.State = EntryState.Deferred;
                _timers.Set(entry, entry.ExpiresAt);
                Domain.Record(new JournalRecord(JournalRecordKind.Changed, Path, entry));
                break;
            case SettlementKind.DeadLetter:
                DeadLetterLocked(entry, settlement.Properties, entry.DeliveryCount);
                break;
            case SettlementKind.Release:
                UnlockLocked(entry);
                break;
        }
    }

    private void MergeLocked(MessageEntry entry, IReadOnlyList<KeyValuePair<string, object?>> properties)
    {
        if (properties.Count == 0) return;
        entry.Content = Domain.Codec.Merge(ContentOfLocked(entry), properties);
        Domain.Bytes -= entry.Size;
        Domain.Journal.Window.Resize(entry, entry.Content.Size);
        Domain.Bytes += entry.Size;
    }

    /// <summary>A delivery failed: abandoned, or its lock ended.</summary>
    private void FailLocked(MessageEntry entry)
    {
        var deliveries = entry.DeliveryCount + 1;
        if (_deadLetters is not null && deliveries >= _settings.MaxDeliveryCount)
        {
            DeadLetterLocked(entry, DeadLetterReason.MaxDeliveryCountExceeded(deliveries), deliveries);
            return;
        }

        entry.DeliveryCount = deliveries;
        UnlockLocked(entry);
    }

    internal void LockLocked(MessageEntry entry, DateTimeOffset until, SessionLock? session)
    {
        entry.State = EntryState.Locked;
        entry.Lock = new MessageLock(Guid.NewGuid(), until, session);
        session?.Messages.Add(entry);
        _locks.Add(entry.Lock.Token, entry);

        // The lock of a session's message ends with the session, which has its own timer.
        _timers.Set(entry, session is null ? until : DateTimeOffset.MaxValue);
        if (entry.IsLockCounted) Domain.Record(new JournalRecord(JournalRecordKind.Locked, Path, entry));
    }

    private void ForgetLockLocked(MessageEntry entry)
    {
        _locks.Remove(entry.Lock!.Token);
        entry.Lock.Session?.Messages.Remove(entry);
        entry.Lock = null;
    }

    private void MakeReadyLocked(MessageEntry entry, MessageContent content, DateTimeOffset now)
    {
        entry.State = EntryState.Ready;
        if (_settings.Expires) entry.ExpiresAt = ExpiryOf(content, now);
        _timers.Set(entry, entry.ExpiresAt);
        _dispatch.MakeReady(entry, arrived: true);
    }

    private DateTimeOffset ExpiryOf(MessageContent content, DateTimeOffset now)
    {
        var timeToLive = content.TimeToLive is { } own && own < _settings.DefaultTimeToLive ? own : _settings.DefaultTimeToLive;
        return timeToLive < DateTimeOffset.MaxValue - now ? now + timeToLive : DateTimeOffset.MaxValue;
    }

    /// <param name="entry">Taken from the ready ones, deferred, or just unlocked.</param>
    private void ExpireLocked(MessageEntry entry)
    {
        if (_deadLetters is not null && _settings.DeadLetterOnExpiration) DeadLetterLocked(entry, DeadLetterReason.Expired(), entry.DeliveryCount);
        else RemoveLocked(entry);
    }

    private void DeadLetterLocked(MessageEntry entry, IReadOnlyList<KeyValuePair<string, object?>> properties, int deliveries)
    {
        var content = StampedLocked(entry);
        if (properties.Count > 0) content = Domain.Codec.Merge(content, properties);
        RemoveLocked(entry);
        _deadLetters!.AddLocked(content, Now(), entry.EnqueueSequenceNumber, deliveries, Path);
        _deadLetters.PumpLocked();
    }

    /// <param name="entry">A ready one.</param>
    internal void DeleteLocked(MessageEntry entry)
    {
        RemoveLocked(entry);
        _dispatch.Forget(entry);
    }

    internal void RemoveLocked(MessageEntry entry)
    {
        if (entry.State == EntryState.Locked) ForgetLockLocked(entry);
        if (entry.State == EntryState.Scheduled) _scheduled--;
        if (entry.IsDeferred) _deferred--;
        _timers.Clear(entry);
        _index.Remove(entry);
        entry.State = EntryState.Gone;
        Domain.Bytes -= entry.Size;
        Domain.Journal.Window.Resize(entry, 0);
        Domain.Record(new JournalRecord(JournalRecordKind.Removed, Path, entry));
    }
}
