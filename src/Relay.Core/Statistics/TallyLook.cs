namespace Relay.Core.Statistics;

/// <summary>All that was counted, as it was known at one moment. Immutable.</summary>
public sealed class TallyLook
{
    private readonly IReadOnlyList<CountedStretch> _stretches;

    internal TallyLook(DateTimeOffset at, int workers, bool isWhole, IReadOnlyList<CountedStretch> stretches)
    {
        At = at;
        Workers = workers;
        IsWhole = isWhole;
        _stretches = stretches;
    }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Workers that counted something in this minute or the one before, at least the one that answers.</summary>
    public int Workers { get; }

    /// <summary>False where the store could not be read, so that what other workers counted, and before, is missing.</summary>
    public bool IsWhole { get; }

    /// <summary>Each minute from a time on in which something was counted, from the oldest. An hour that was added up has none.</summary>
    /// <param name="negotiation">Of this negotiation; null for all, each by its name.</param>
    /// <param name="from">From this time.</param>
    public IReadOnlyList<(DateTimeOffset From, TallyWindow Window)> Minutes(string? negotiation, DateTimeOffset from) =>
        Sums(negotiation, from, static stretch => stretch.IsHour ? null : stretch.From);

    /// <summary>The same by hours.</summary>
    public IReadOnlyList<(DateTimeOffset From, TallyWindow Window)> Hours(string? negotiation, DateTimeOffset from) =>
        Sums(negotiation, from, static stretch => HourOf(stretch.From));

    /// <summary>When the hour of a time began.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 3600 * 3600);

    private List<(DateTimeOffset From, TallyWindow Window)> Sums(
        string? negotiation, DateTimeOffset from, Func<CountedStretch, DateTimeOffset?> place)
    {
        var sums = new SortedDictionary<DateTimeOffset, TallyWindow>();
        foreach (var stretch in _stretches)
        {
            if (place(stretch) is not { } at || at < from) continue;
            if (!sums.TryGetValue(at, out var window)) sums.Add(at, window = new TallyWindow());
            TallyText.TryAdd(stretch.Content.Span, negotiation, window);
        }

        return [.. sums.Where(pair => pair.Value.Negotiations.Count > 0).Select(pair => (pair.Key, pair.Value))];
    }
}
