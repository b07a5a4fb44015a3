using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>One durable change of one store.</summary>
/// <param name="Store">Path of the store, such as <c>orders</c> or <c>orders/$DeadLetterQueue</c>.</param>
/// <param name="Entry">The message after the change, null where the record is of
/// none. Read it inside the append only: the engine goes on changing it.</param>
/// <param name="Name">Session id or message id where the record is of a session or of the duplicate history.</param>
/// <param name="Time">When the session's state changed, or the id was seen.</param>
/// <param name="State">The session's state, null when it was cleared; or the entity's definition, null when none is kept any more.</param>
/// <param name="Number">A sequence number that was taken without a message.</param>
internal readonly record struct JournalRecord(
    JournalRecordKind Kind,
    string Store,
    MessageEntry? Entry,
    string? Name = null,
    DateTimeOffset Time = default,
    ReadOnlyMemory<byte>? State = null,
    long Number = 0);

internal enum JournalRecordKind
{
    /// <summary>A message was added, in whatever state it has.</summary>
    Added,

    /// <summary>State, delivery count or application properties changed.</summary>
    Changed,

    /// <summary>A message was locked, so that a restart counts the delivery as failed.</summary>
    Locked,

    /// <summary>A message is gone from this store.</summary>
    Removed,

    /// <summary>A sequence number was given out without a message.</summary>
    NumberTaken,

    /// <summary>A session's state was set or cleared.</summary>
    SessionState,

    /// <summary>A message id entered the duplicate history.</summary>
    IdSeen,

    /// <summary>A message id left the duplicate history.</summary>
    IdForgotten,

    /// <summary>An entity was created, changed or deleted at run time.</summary>
    Defined,

    /// <summary>A store without messages is gone, with its sessions and duplicate history: the next of that name starts anew.</summary>
    StoreDeleted,
}
