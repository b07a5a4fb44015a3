using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>Stores nothing: everything counts as stored at once. For tests and throw-away namespaces.</summary>
internal sealed class MemoryJournal : IMessageJournal
{
    public static MemoryJournal Instance { get; } = new();

    public bool IsFailing => false;

    public ContentWindow Window { get; } = ContentWindow.All;

    public void Load(string store, ReadOnlySpan<MessageSnapshot> messages)
    {
    }

    public long Append(ReadOnlySpan<JournalRecord> records) => 0;

    public bool HasRoom(Action resume) => true;

    public bool IsStored(long position) => true;

    public void WhenStored(long position, Action<bool> callback) => callback(true);
}
