namespace Emulator.ServiceBus.Messages;

/// <summary>A message as it stood at one moment, safe to read outside the gate once its content was loaded.</summary>
internal sealed class MessageSnapshot
{
    private static readonly MessageLock Unlocked = new(Guid.Empty, DateTimeOffset.MinValue, null);

    private MessageContent? _content;

    /// <summary>Taken under the gate.</summary>
    public MessageSnapshot(MessageEntry entry)
    {
        Entry = entry;
        _content = entry.Content;
        DeliveryCount = entry.DeliveryCount;
        State = entry.VisibleState;
        Lock = entry.Lock ?? Unlocked;
        LockedUntil = Lock.End;
        ExpiresAt = entry.ExpiresAt;
    }

    /// <summary>Whose it is. Only what never changes about it may be read outside the gate.</summary>
    public MessageEntry Entry { get; }

    /// <exception cref="InvalidOperationException">It was not loaded.</exception>
    public MessageContent Content
    {
        get => _content ?? throw new InvalidOperationException("expected the content to have been loaded");
        set => _content = value;
    }

    public bool IsLoaded => _content is not null;

    public long SequenceNumber => Entry.SequenceNumber;

    public long EnqueueSequenceNumber => Entry.EnqueueSequenceNumber;

    public DateTimeOffset EnqueuedTime => Entry.EnqueuedTime;

    /// <summary>End of the time to live; <see cref="DateTimeOffset.MaxValue"/> for none.</summary>
    public DateTimeOffset ExpiresAt { get; }

    public int DeliveryCount { get; }

    public MessageState State { get; }

    public MessageLock Lock { get; }

    public Guid LockToken => Lock.Token;

    /// <summary>Meaningless unless the reader holds the lock.</summary>
    public DateTimeOffset LockedUntil { get; }

    public string? DeadLetterSource => Entry.DeadLetterSource;
}
