namespace Relay.Emulator.ServiceBus.Journal;

/// <summary>
/// How the journal knows a message body, so that copies of a message (subscriptions, a dead-letter queue) share one on disk. The content
/// carries it; every member belongs to the journal and is guarded by its lock.
/// </summary>
internal sealed class StoredBody
{
    /// <summary>Key of the body's row: that of the message that brought it.</summary>
    public long Key { get; set; }

    /// <summary>Messages that have it; the body is removed with the last.</summary>
    public int References { get; set; }
}
