using Relay.Emulator.ServiceBus.Entities;

namespace Relay.Emulator.ServiceBus.Journal;

/// <summary>A record as it stood when it was appended, safe to write later. Absolute values only, so that writing it again changes nothing.</summary>
internal readonly record struct JournalChange
{
    public required JournalRecordKind Kind { get; init; }

    public required JournalStore Store { get; init; }

    /// <summary>The message's sequence number, or the number taken.</summary>
    public long Number { get; init; }

    public MessageContent? Content { get; init; }

    /// <summary>Key of the message's body.</summary>
    public long BodyKey { get; init; }

    /// <summary>Added: the body is new. Removed: nobody has the body any more.</summary>
    public bool WithBody { get; init; }

    public long EnqueueNumber { get; init; }

    public DateTimeOffset EnqueuedTime { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public int DeliveryCount { get; init; }

    public StoredState State { get; init; }

    public bool IsLocked { get; init; }

    public string? DeadLetterSource { get; init; }

    public string? Name { get; init; }

    public DateTimeOffset Time { get; init; }

    public ReadOnlyMemory<byte>? SessionState { get; init; }

    public long Key => Store.KeyOf(Number);

    public static JournalChange Of(in JournalRecord record, JournalStore store, bool withBody)
    {
        if (record.Entry is not { } entry)
        {
            return new JournalChange { Kind = record.Kind, Store = store, Number = record.Number, Name = record.Name, Time = record.Time, SessionState = record.State };
        }

        return new JournalChange
        {
            Kind = record.Kind,
            Store = store,
            Number = entry.SequenceNumber,
            Content = entry.Content,
            BodyKey = entry.Content.Stored.Key,
            WithBody = withBody,
            EnqueueNumber = entry.EnqueueSequenceNumber,
            EnqueuedTime = entry.EnqueuedTime,
            ExpiresAt = entry.ExpiresAt,
            DeliveryCount = entry.DeliveryCount,
            State = entry.State == EntryState.Scheduled ? StoredState.Scheduled : entry.IsDeferred ? StoredState.Deferred : StoredState.Ready,
            IsLocked = entry.IsLockCounted,
            DeadLetterSource = entry.DeadLetterSource,
        };
    }
}

/// <summary>A message's state on disk; locks are not a state there. The numbers are in files: never change one.</summary>
internal enum StoredState
{
    Ready = 0,
    Deferred = 1,
    Scheduled = 2,
}
