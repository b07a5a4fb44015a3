using Relay.Amqp.Framing;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>How a receiving link asks for a session and what it is told.</summary>
internal static class SessionLink
{
    private static readonly AmqpSymbol Filter = new("com.microsoft:session-filter");
    private static readonly AmqpSymbol Timeout = new("com.microsoft:timeout");
    private const string LockedUntil = "com.microsoft:locked-until-utc";

    /// <summary>The filter of a source; null asks for the next session that is free.</summary>
    public static AmqpMap FilterOf(string? sessionId) => new() { { Filter, sessionId } };

    /// <summary>Link properties that say how long to wait for a session.</summary>
    public static AmqpMap PropertiesOf(TimeSpan timeout) => new() { { Timeout, (uint)Math.Clamp(timeout.TotalMilliseconds, 1, uint.MaxValue) } };

    /// <summary>The session a link was given.</summary>
    public static bool TryReadId(Attach? answer, out string sessionId)
    {
        sessionId = "";
        if (answer?.Source?.Filter?.TryGetText(Filter.Value, out var value) != true)
        {
            return false;
        }

        var text = (value is AmqpDescribed described ? described.Value : value) as string;
        sessionId = text ?? "";
        return text is not null;
    }

    /// <summary>When the session's lock ends: .NET ticks on the wire.</summary>
    public static DateTimeOffset ReadLockedUntil(Attach? answer) =>
        answer?.Properties is { } properties && properties.TryGetInteger(LockedUntil, out var ticks) && ticks > 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : default;
}
