using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>One word of what is to be disturbed: <c>vault=slow:2s</c>, <c>bus=down</c>, <c>all=back</c>, <c>clock=+10m</c>.</summary>
public sealed record ChaosWord
{
    /// <summary>What may stand there, for whoever is told that something else did.</summary>
    public const string Expected = "bus, vault, ledger, directory or all, then =down, =slow:2s, =erroring, =drop or =back; "
        + "clock=+10m (the function app's alone), time=+1h (every clock of the stack), =0 for neither";

    private const string Slow = "slow";

    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FarthestClock = TimeSpan.FromDays(3650);

    private ChaosWord(string text) => Text = text;

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>What is disturbed; none for a clock.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; private init; } = [];

    /// <summary>What they suffer from now on; null when they are only cut, or a clock is set.</summary>
    public Disturbance? Disturbance { get; private init; }

    /// <summary>How far off the function app's clock is to be; null to leave it.</summary>
    public TimeSpan? ClockSkew { get; private init; }

    /// <summary>How far every clock is to be moved; null to leave them.</summary>
    public TimeSpan? TimeShift { get; private init; }

    /// <summary>Reads one.</summary>
    /// <param name="text">The word.</param>
    /// <param name="command">The command; null when it is none.</param>
    /// <param name="error">What was expected and what came; null when it is one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ChaosWord? command, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        command = text.Split('=') is [var name, var value] ? Read(text, name, value) : null;
        error = command is null ? $"expected {Expected}; got '{(text.Length <= 60 ? text : text[..60] + "...")}'" : null;
        return command is not null;
    }

    private static ChaosWord? Read(string text, string name, string value)
    {
        if (name is "clock" or "time")
        {
            return !TryDuration(value, isSigned: true, FarthestClock, out var offset) ? null
                : name == "clock" ? new(text) { ClockSkew = offset }
                : new(text) { TimeShift = offset };
        }

        List<Dependency> named = [.. Enum.GetValues<Dependency>().Where(dependency => name == "all" || name == dependency.ToText())];
        if (named.Count == 0) return null;
        if (value == "drop") return new(text) { Dependencies = named };
        return TryDisturbance(value, out var disturbance) ? new(text) { Dependencies = named, Disturbance = disturbance } : null;
    }

    private static bool TryDisturbance(string value, out Disturbance disturbance)
    {
        disturbance = value switch
        {
            "down" => new(DisturbanceKind.Down, TimeSpan.Zero),
            "erroring" => new(DisturbanceKind.Erroring, TimeSpan.Zero),
            Slow => new(DisturbanceKind.Slow, UsualDelay),
            _ => default,
        };
        if (disturbance.Kind != DisturbanceKind.None || value == "back") return true;
        if (!value.StartsWith(Slow + ":", StringComparison.Ordinal)) return false;
        var isDelay = TryDuration(value[(Slow.Length + 1)..], isSigned: false, Chaos.Disturbance.LongestDelay, out var delay);
        disturbance = new(DisturbanceKind.Slow, delay);
        return isDelay && delay > TimeSpan.Zero;
    }

    // A whole number and its unit; 0 needs none.
    private static bool TryDuration(string text, bool isSigned, TimeSpan longest, out TimeSpan duration)
    {
        duration = default;
        var digits = text.TrimEnd("mshd".ToCharArray());
        var styles = isSigned ? NumberStyles.AllowLeadingSign : NumberStyles.None;
        if (!int.TryParse(digits, styles, CultureInfo.InvariantCulture, out var number)) return false;
        double? unit = text[digits.Length..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "" when number == 0 => 0,
            _ => null,
        };
        if (unit is not { } milliseconds || Math.Abs(number * milliseconds) > longest.TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds(number * milliseconds);
        return true;
    }
}
