using Azure.Messaging.ServiceBus;

namespace Relay.Functions.Settlement;

/// <summary>How long a message may be worked on and settled as ours. Nothing renews the locks of a batch.</summary>
/// <remarks>
/// What is settled after its lock has run out is refused by the bus, which has given the message to the next receiver by then. That
/// one finds a duplicate in the ledger; a copy scheduled so late would be one message more with every turn.
/// </remarks>
public readonly record struct MessageLock
{
    /// <summary>
    /// Kept free at the lock's end: what the bus's clock, which set it, and ours may differ by, and the way of the settlement. 5 s, or
    /// half of what there is where a queue locks for less than twice that (the service's least is 5 s in all).
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    // The longest that the service offers.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly TimeSpan _whole;
    private readonly long _from;
    private readonly TimeProvider _time;

    /// <param name="message">Received just now.</param>
    /// <param name="time">Clock to compare with the lock's end; once that is done, a clock that is set moves nothing.</param>
    /// <param name="ahead">How far that clock is ahead of the services', of which the bus is one; null where nobody knows.</param>
    public MessageLock(ServiceBusReceivedMessage message, TimeProvider time, TimeSpan? ahead)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _from = time.GetTimestamp();
        var now = time.GetUtcNow();
        var whole = message.LockedUntil - (now - (ahead ?? TimeSpan.Zero));
        // No lock is so far from now: the services' clock has been set since it was read, and ours may tell.
        var ours = message.LockedUntil - now;
        if (whole.Duration() > Longest && ours > TimeSpan.Zero && ours <= Longest) whole = ours;
        _whole = whole > 2 * Margin ? whole - Margin : whole / 2;
    }

    /// <summary>Zero or less once it must be taken for lost.</summary>
    public TimeSpan Left => _whole - _time.GetElapsedTime(_from);

    public bool IsHeld => Left > TimeSpan.Zero;
}
