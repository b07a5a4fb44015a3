using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>
/// Where changes are made durable. Entities append under their gate, in the order the changes happened; peers are answered only once the
/// position is stored. A durable journal can gather every append that comes in while it writes (group commit).
/// </summary>
internal interface IMessageJournal
{
    /// <summary>Appends records that belong together: after a crash all of them are there or none. Does not block.</summary>
    /// <returns>A position that grows with every append.</returns>
    long Append(ReadOnlySpan<JournalRecord> records);

    /// <summary>What of the contents stays in memory besides.</summary>
    ContentWindow Window { get; }

    /// <summary>Reads back contents of messages that were appended, stored yet or not. Those that are gone are left as they are.</summary>
    /// <param name="store">The messages' store.</param>
    /// <param name="messages">Those that are loaded already are skipped.</param>
    /// <exception cref="JournalReadException">The file cannot be read.</exception>
    void Load(string store, ReadOnlySpan<MessageSnapshot> messages);

    /// <summary>Whether the last write failed and the next has not succeeded yet: changes that peers ask for should be refused.</summary>
    bool IsFailing { get; }

    /// <summary>
    /// Whether there is room for the settlements that deliveries bring: without
    /// it, a reader that settles faster than the disk writes fills the memory.
    /// A journal that fails says yes: settlements are refused then.
    /// </summary>
    /// <param name="resume">Without room, called once, on any thread, when there is some again.</param>
    bool HasRoom(Action resume);

    /// <summary>Whether everything up to the position is stored; position 0 always is.</summary>
    bool IsStored(long position);

    /// <summary>Calls back once, on any thread, possibly before it returns.</summary>
    /// <param name="position">Everything up to here must be stored.</param>
    /// <param name="callback">Told true when it is, false when it could not be (the disk failed) and it is open whether it will.</param>
    void WhenStored(long position, Action<bool> callback);
}
