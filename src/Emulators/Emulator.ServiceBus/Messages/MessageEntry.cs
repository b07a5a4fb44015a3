namespace Emulator.ServiceBus.Messages;

/// <summary>
/// Where one message stands in one store. Owned by the store; every field
/// is guarded by its domain's gate. A backlog is a million of these, so
/// what only some of them need is kept elsewhere: locks in
/// <see cref="MessageLock"/>, contents, beyond the first of a queue, in the journal.
/// </summary>
internal sealed class MessageEntry : TimedItem
{
    // UTC ticks: half the size of a DateTimeOffset.
    private long _enqueuedTicks;
    private long _expiresTicks = DateTimeOffset.MaxValue.UtcTicks;

    /// <param name="content">What it carries.</param>
    /// <param name="sequenceNumber">Position in the store, from 1.</param>
    public MessageEntry(MessageContent content, long sequenceNumber)
        : this(sequenceNumber, content.SessionId, content.Size)
    {
        Content = content;
    }

    /// <summary>One whose content is in the journal.</summary>
    public MessageEntry(long sequenceNumber, string? sessionId, int size)
    {
        SequenceNumber = sequenceNumber;
        EnqueueSequenceNumber = sequenceNumber;
        SessionId = sessionId;
        Size = size;
    }

    /// <summary>The content; null when only the journal has it.</summary>
    public MessageContent? Content { get; set; }

    /// <summary>Where the journal keeps the content; the journal's own.</summary>
    public long ContentKey { get; set; }

    /// <summary>Position in the store, from 1.</summary>
    public long SequenceNumber { get; }

    /// <summary>The first sequence number it ever had.</summary>
    public long EnqueueSequenceNumber { get; init; }

    /// <summary>Not sent with one: null.</summary>
    public string? SessionId { get; set; }

    /// <summary>Bytes of the content, for the quota.</summary>
    public int Size { get; set; }

    public DateTimeOffset EnqueuedTime
    {
        get => new(_enqueuedTicks, TimeSpan.Zero);
        init => _enqueuedTicks = value.UtcTicks;
    }

    /// <summary>End of the time to live; <see cref="DateTimeOffset.MaxValue"/> for none.</summary>
    public DateTimeOffset ExpiresAt
    {
        get => new(_expiresTicks, TimeSpan.Zero);
        set => _expiresTicks = value.UtcTicks;
    }

    /// <summary>Failed deliveries so far, as on the wire: 0 on the first delivery.</summary>
    public int DeliveryCount { get; set; }

    public EntryState State { get; set; }

    /// <summary>Whether a lock that ends goes back to deferred rather than ready.</summary>
    public bool IsDeferred { get; set; }

    /// <summary>Whether the content is given up once the journal has taken it.</summary>
    public bool IsCold { get; set; }

    /// <summary>Whether the journal keeps more of the content than the row that copies of the message share; the journal's own.</summary>
    public bool IsRewritten { get; set; }

    /// <summary>Whether it brought its content; the journal's own.</summary>
    public bool IsContentOwner { get; set; }

    /// <summary>Name of the entity it was dead-lettered from, or null.</summary>
    public string? DeadLetterSource { get; init; }

    /// <summary>The current lock; null unless locked.</summary>
    public MessageLock? Lock { get; set; }

    /// <summary>Whether the end of its lock counts as a failed delivery.</summary>
    public bool IsLockCounted => State == EntryState.Locked && Lock is { Session: null } held && held.Until != DateTimeOffset.MaxValue;

    public MessageState VisibleState => State switch
    {
        EntryState.Scheduled => MessageState.Scheduled,
        EntryState.Deferred => MessageState.Deferred,
        EntryState.Locked => IsDeferred ? MessageState.Deferred : MessageState.Active,
        EntryState.Ready or EntryState.Gone => MessageState.Active,
    };

    public MessageSnapshot Snapshot() => new(this);
}

/// <summary>The life of a message in a store.</summary>
internal enum EntryState : byte
{
    Ready,
    Locked,
    Deferred,
    Scheduled,

    /// <summary>Removed; lists that still point here skip it.</summary>
    Gone,
}
