using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Core.Statistics;

/// <summary>
/// Names of what was counted, in the ledgers' container and below no negotiation, since no negotiation's name begins with a dot:
/// <c>.tallies/minute/{minute}/{worker}</c> and <c>.tallies/hour/{hour}</c>, minutes and hours since 1970 in ten digits.
/// </summary>
internal static class TallyPaths
{
    /// <summary>Where all are, with the slash.</summary>
    public const string Folder = ".tallies/";

    private const string MinuteFolder = Folder + "minute/";
    private const string HourFolder = Folder + "hour/";
    private const int Digits = 10;

    /// <summary>What one worker counted in one minute; that worker alone writes it.</summary>
    public static string Minute(long minute, string worker) =>
        string.Create(CultureInfo.InvariantCulture, $"{MinuteFolder}{minute:D10}/{worker}");

    /// <summary>What all workers counted in one hour.</summary>
    public static string Hour(long hour) => string.Create(CultureInfo.InvariantCulture, $"{HourFolder}{hour:D10}");

    /// <summary>Reads a name of <see cref="Minute"/>.</summary>
    public static bool TryMinute(string name, out long minute, [NotNullWhen(true)] out string? worker)
    {
        (minute, worker) = (0, null);
        if (!name.StartsWith(MinuteFolder, StringComparison.Ordinal)) return false;
        var rest = name.AsSpan(MinuteFolder.Length);
        if (rest.Length < Digits + 2 || rest[Digits] != '/' || !TryNumber(rest[..Digits], out minute)) return false;
        worker = rest[(Digits + 1)..].ToString();
        return true;
    }

    /// <summary>Reads a name of <see cref="Hour"/>.</summary>
    public static bool TryHour(string name, out long hour)
    {
        hour = 0;
        return name.StartsWith(HourFolder, StringComparison.Ordinal) && TryNumber(name.AsSpan(HourFolder.Length), out hour);
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && digits.Length == Digits;
}
