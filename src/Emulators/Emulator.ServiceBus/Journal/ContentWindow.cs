using Emulator.ServiceBus.Messages;


namespace Emulator.ServiceBus.Journal;

/// <summary>
/// How much content stays in memory: that of the first messages of each
/// store, up to a sum over all stores. What arrives beyond is read back
/// from the journal when its turn comes. Thread-safe.
/// </summary>
/// <param name="messagesPerStore">A message joins in memory when its store holds fewer than this.</param>
/// <param name="maxBytes">Bytes over all stores.</param>
internal sealed class ContentWindow(int messagesPerStore, long maxBytes)
{
    private const int DefaultMessages = 2048;
    private const long DefaultBytes = 48 * 1024 * 1024;

    private long _bytes;

    /// <summary>Everything stays, because nothing else has it.</summary>
    public static ContentWindow All => new(int.MaxValue, long.MaxValue);

    public static ContentWindow Default => new(DefaultMessages, DefaultBytes);

    /// <summary>Decides where a new message's content stays.</summary>
    /// <param name="entry">Gets the decision.</param>
    /// <param name="before">Messages of its store before it.</param>
    public void Enter(MessageEntry entry, int before)
    {
        entry.IsCold = before >= messagesPerStore || Volatile.Read(ref _bytes) + entry.Size > maxBytes;
        if (!entry.IsCold) Interlocked.Add(ref _bytes, entry.Size);
    }

    /// <summary>The content got another size, or with 0 is gone.</summary>
    public void Resize(MessageEntry entry, int size)
    {
        if (!entry.IsCold) Interlocked.Add(ref _bytes, size - entry.Size);
        entry.Size = size;
    }
}
