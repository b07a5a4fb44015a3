using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>Takes what a journal holds, at start: each store before what is in it, messages of a store in ascending order.</summary>
internal interface IJournalReader
{
    /// <param name="path">The store.</param>
    /// <param name="lastNumber">The last sequence number it gave out.</param>
    void OnStore(string path, long lastNumber);

    /// <param name="path">The store.</param>
    /// <param name="entry">The message; ready, deferred or scheduled.</param>
    /// <param name="due">When it becomes active, if it is scheduled.</param>
    /// <param name="wasLocked">A receiver had it, outside a session.</param>
    void OnMessage(string path, MessageEntry entry, DateTimeOffset due, bool wasLocked);

    void OnSession(string path, string sessionId, ReadOnlyMemory<byte> state, DateTimeOffset changedAt);

    /// <summary>An id of the duplicate history, oldest first.</summary>
    void OnIdSeen(string path, string messageId, DateTimeOffset seenAt);
}
