using System.Globalization;

namespace Relay.Risk.Results;

/// <summary>The time that signals are of.</summary>
/// <param name="Until">Its end, and the time at which silence is judged; whole milliseconds.</param>
/// <param name="Length">A minute to 30 days, whole seconds.</param>
public sealed record SignalWindow(DateTimeOffset Until, TimeSpan Length)
{
    /// <summary>Shortest window: one minute.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>Longest window: 30 days, as long as an envelope can last.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>The window when nobody asks for another: a day.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromDays(1);

    /// <summary>Its beginning.</summary>
    public DateTimeOffset Since => Until - Length;

    /// <summary>A window up to this moment.</summary>
    /// <param name="now">Its end, cut to milliseconds.</param>
    /// <param name="length"><see cref="Shortest"/> to <see cref="Longest"/>.</param>
    public static SignalWindow Ending(DateTimeOffset now, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, Shortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Longest);
        return new SignalWindow(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), length);
    }

    /// <summary>Reads a length in whole seconds, decimal; false unless it is within the bounds.</summary>
    public static bool TryParseLength(string? text, out TimeSpan length)
    {
        length = default;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        length = TimeSpan.FromSeconds(seconds);
        return length >= Shortest && length <= Longest;
    }

    /// <summary>Reads an end in milliseconds since 1970, decimal; false unless it is a time before the year 10000.</summary>
    public static bool TryParseEnd(string? text, out DateTimeOffset end)
    {
        end = default;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)) return false;
        if (milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() || milliseconds < Longest.TotalMilliseconds) return false;
        end = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }
}
