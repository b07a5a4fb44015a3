using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>
/// A record as it stood when it was appended, safe to write later. Absolute values only, so that writing it again changes nothing.
/// </summary>
internal readonly record struct JournalChange
{
    public required JournalRecordKind Kind { get; init; }

    public required JournalStore Store { get; init; }

    /// <summary>The message's sequence number, or the number taken.</summary>
    public long Number { get; init; }

    /// <summary>The message, to tell it by; what never changes about it may be read.</summary>
    public MessageEntry? Entry { get; init; }

    /// <summary>Added: the content. Changed: the content as it is now, null when nothing of it changed.</summary>
    public MessageContent? Content { get; init; }

    /// <summary>Added: the content is new. Removed: nobody has the content any more.</summary>
    public bool WithContent { get; init; }

    /// <summary>Whether the content differs from its row.</summary>
    public bool IsRewritten { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public int DeliveryCount { get; init; }

    public int Size { get; init; }

    public StoredState State { get; init; }

    public bool IsLocked { get; init; }

    public string? Name { get; init; }

    public DateTimeOffset Time { get; init; }

    public ReadOnlyMemory<byte>? SessionState { get; init; }

    public long Key => Store.KeyOf(Number);

    public static JournalChange Of(in JournalRecord record, JournalStore store, bool withContent)
    {
        if (record.Entry is not { } entry)
        {
            return new JournalChange
            {
                Kind = record.Kind,
                Store = store,
                Number = record.Number,
                Name = record.Name,
                Time = record.Time,
                SessionState = record.State,
            };
        }

        return new JournalChange
        {
            Kind = record.Kind,
            Store = store,
            Number = entry.SequenceNumber,
            Entry = entry,
            Content = record.Kind is JournalRecordKind.Added or JournalRecordKind.Changed ? entry.Content : null,
            WithContent = withContent,
            IsRewritten = entry.IsRewritten,
            ExpiresAt = entry.ExpiresAt,
            DeliveryCount = entry.DeliveryCount,
            Size = entry.Size,
            State = entry.State == EntryState.Scheduled
                ? StoredState.Scheduled
                : entry.IsDeferred
                ? StoredState.Deferred
                : StoredState.Ready,
            IsLocked = entry.IsLockCounted,
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
