namespace Emulator.ServiceBus.Messages;

/// <summary>
/// How the journal knows a content, so that copies of a message (subscriptions, a
/// dead-letter queue) share one row on disk. Every version of
/// the content carries it; the members belong to the journal and are guarded by its lock.
/// </summary>
internal sealed class StoredContent
{
    /// <summary>Key of the row: that of the message that brought it. 0 before.</summary>
    public long Key { get; set; }

    /// <summary>The content as the row has it; a message whose own differs keeps its head besides.</summary>
    public MessageContent? Origin { get; set; }
}
