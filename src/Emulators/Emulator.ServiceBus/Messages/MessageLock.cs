namespace Emulator.ServiceBus.Messages;

/// <summary>One lock of one message: made when a receiver is given it, dropped when it ends.</summary>
/// <param name="token">What the receiver settles by.</param>
/// <param name="until">End of a lock outside a session; <see cref="DateTimeOffset.MaxValue"/>
/// while a receive-and-delete link is about to send the message.</param>
/// <param name="session">The session's lock under which it was delivered, and with which its own ends.</param>
internal sealed class MessageLock(Guid token, DateTimeOffset until, SessionLock? session)
{
    public Guid Token { get; } = token;

    /// <summary>Guarded by the gate; a renewal moves it.</summary>
    public DateTimeOffset Until { get; set; } = until;

    public SessionLock? Session { get; } = session;

    /// <summary>When the lock ends.</summary>
    public DateTimeOffset End => Session?.Until ?? Until;
}
