namespace Emulator.ServiceBus.Messages;

/// <summary>
/// The lock that a receiver has on a session, and by it on every message delivered to it there. Guarded by the store's gate.
/// </summary>
internal sealed class SessionLock
{
    /// <summary>When it ends; meaningless while nobody holds it.</summary>
    public DateTimeOffset Until { get; set; }

    /// <summary>Messages delivered under it and not settled; they come back when it ends.</summary>
    public HashSet<MessageEntry> Messages { get; } = [];
}
