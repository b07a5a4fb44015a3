namespace Relay.Core.Statistics;

/// <summary>All that was counted, as it was known at one moment: what the store has, and where this worker counts. Immutable.</summary>
/// <param name="At">When.</param>
/// <param name="Workers">Workers that counted something in this minute or the one before, at least the one that answers.</param>
/// <param name="IsWhole">False where the store could not be read, so that it has what was read before.</param>
/// <param name="Version">The same for as long as the stretches are.</param>
/// <param name="Stretches">What the store has, but for minutes in which this worker counts: each name once, hours first.</param>
/// <param name="Own">Minutes in which this worker counts.</param>
internal sealed record TallyLook(
    DateTimeOffset At,
    int Workers,
    bool IsWhole,
    long Version,
    IReadOnlyList<CountedStretch> Stretches,
    IReadOnlyList<OpenMinute> Own);
