using Relay.Protocol.Negotiations;

namespace Relay.Core.Rates;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): what one stream may do, told by one moment, the earliest at
/// which its next envelope would come if it kept to its rate ("due"). Pure; all times are microseconds, since
/// 1970 where they are kept.
/// </summary>
/// <remarks>
/// With a rate of r a second and a burst of b it admits in any time span t at most b + r·t, exactly as a bucket of b tokens does that fills
/// by r a second; but it needs no clock that ticks and nothing that is rounded away between two looks.
/// </remarks>
/// <param name="Interval">Between two envelopes at the rate, rounded up: never more than the rate is admitted.</param>
/// <param name="Tolerance">How much before its due time an envelope may come: (burst - 1) intervals.</param>
public readonly record struct Gcra(long Interval, long Tolerance)
{
    // Past this an envelope ends before its turn; without it the product would overflow.
    private const long MostAhead = 1_000_000_000;

    private const long Second = 1_000_000;

    /// <summary>Of a limit of the negotiation's document.</summary>
    public static Gcra Of(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        var interval = (Second + limit.PerSecond - 1) / limit.PerSecond;
        return new Gcra(interval, interval * (limit.Burst - 1));
    }

    /// <summary>A moment in microseconds.</summary>
    public static long Microseconds(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    /// <summary>
    /// Now, in microseconds since some moment, for what one process counts: no clock that is set moves it, so that none who comes has to
    /// wait for as long as it was set back.
    /// </summary>
    public static long Elapsed(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        // Whole numbers: since a moment so long ago a fraction of them would be rounded away.
        return (long)((Int128)time.GetTimestamp() * Second / time.TimestampFrequency);
    }

    /// <summary>The moment of <paramref name="microseconds"/>, or up to a millisecond after: a bus knows none that is finer.</summary>
    public static DateTimeOffset Moment(long microseconds) => DateTimeOffset.FromUnixTimeMilliseconds((microseconds + 999) / 1_000);

    /// <summary>From when on an envelope is admitted.</summary>
    /// <param name="due">The stream's; 0 when it has none.</param>
    /// <param name="at">Now.</param>
    /// <param name="ahead">How many of its stream go before it and are not counted yet; 0 or more.</param>
    /// <returns>At most <paramref name="at"/> when it is admitted now.</returns>
    public long AdmitsFrom(long due, long at, long ahead) =>
        Math.Max(due, at) + Math.Min(ahead, MostAhead) * Interval - Tolerance;

    /// <summary>The stream's due time once an envelope is admitted at <paramref name="at"/>.</summary>
    public long After(long due, long at) => Math.Max(due, at) + Interval;

    /// <summary>How many would be admitted at once now.</summary>
    public long Remaining(long due, long at)
    {
        var early = at + Tolerance - Math.Max(due, at);
        return early < 0 ? 0 : early / Interval + 1;
    }

    /// <summary>How long until the whole burst is there again, if nothing comes.</summary>
    public static TimeSpan Reset(long due, long at) => due <= at ? TimeSpan.Zero : TimeSpan.FromMicroseconds(due - at);
}
