namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>Where one message stands in one store. Owned by the store; every field is guarded by its domain's gate.</summary>
internal sealed class MessageEntry(MessageContent content, long sequenceNumber) : TimedItem
{
    public MessageContent Content { get; set; } = content;

    /// <summary>Position in the store, from 1; changes once, when a scheduled message becomes active.</summary>
    public long SequenceNumber { get; set; } = sequenceNumber;

    /// <summary>The first sequence number it ever had.</summary>
    public long EnqueueSequenceNumber { get; init; } = sequenceNumber;

    public DateTimeOffset EnqueuedTime { get; set; }

    /// <summary>End of the time to live; <see cref="DateTimeOffset.MaxValue"/> for none.</summary>
    public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>Failed deliveries so far, as on the wire: 0 on the first delivery.</summary>
    public int DeliveryCount { get; set; }

    public EntryState State { get; set; }

    /// <summary>Whether a lock that ends goes back to deferred rather than ready.</summary>
    public bool IsDeferred { get; set; }

    /// <summary>Token of the current lock; meaningless unless locked.</summary>
    public Guid LockToken { get; set; }

    /// <summary>End of the current lock outside a session; <see cref="DateTimeOffset.MaxValue"/> while a receive-and-delete link is about to send it.</summary>
    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>Name of the entity it was dead-lettered from, or null.</summary>
    public string? DeadLetterSource { get; init; }

    /// <summary>The session under whose lock it is locked, if any; the lock then ends with the session's.</summary>
    public Session? Session { get; set; }

    /// <summary>When the lock ends.</summary>
    public DateTimeOffset LockEnd => Session?.LockedUntil ?? LockedUntil;

    /// <summary>Whether the end of its lock counts as a failed delivery.</summary>
    public bool IsLockCounted => State == EntryState.Locked && Session is null && LockedUntil != DateTimeOffset.MaxValue;

    public MessageState VisibleState => State switch
    {
        EntryState.Scheduled => MessageState.Scheduled,
        EntryState.Deferred => MessageState.Deferred,
        EntryState.Locked => IsDeferred ? MessageState.Deferred : MessageState.Active,
        EntryState.Ready or EntryState.Gone => MessageState.Active,
    };

    public MessageSnapshot Snapshot() => new(
        Content, SequenceNumber, EnqueueSequenceNumber, EnqueuedTime, DeliveryCount, VisibleState, LockToken, LockEnd, DeadLetterSource);
}

/// <summary>The life of a message in a store.</summary>
internal enum EntryState
{
    Ready,
    Locked,
    Deferred,
    Scheduled,

    /// <summary>Removed; lists that still point here skip it.</summary>
    Gone,
}
