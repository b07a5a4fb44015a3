using MathNet.Numerics.Statistics;

namespace Relay.Risk.Series;

/// <summary>How unevenly events follow each other: -1 a clock, 0 a Poisson process, towards 1 long silences between bursts.</summary>
public static class Burstiness
{
    /// <summary>Fewest gaps that say anything: 2.</summary>
    public const int MinGaps = 2;

    /// <summary>B = (s - m) / (s + m) with m the mean of the gaps and s their standard deviation (of the population).</summary>
    /// <remarks>Goh and Barabasi, "Burstiness and memory in complex systems", EPL 81, 48002 (2008), equation 1.</remarks>
    /// <param name="gaps">Times between events, any one unit, none negative.</param>
    /// <returns>-1 to 1; null for fewer than <see cref="MinGaps"/> gaps, or when all are 0.</returns>
    public static double? Of(IReadOnlyCollection<double> gaps)
    {
        return Ratio(gaps) is { } ratio ? (ratio - 1) / (ratio + 1) : null;
    }

    /// <summary>
    /// The same for few events, where B cannot come near 1: A = (sqrt(n+1) r - sqrt(n-1)) / ((sqrt(n+1) - 2) r + sqrt(n-1)) with n events
    /// and r = s / m.
    /// </summary>
    /// <remarks>Kim and Jo, "Measuring burstiness for finite event sequences", Phys. Rev. E 94, 032311 (2016), equation 22.</remarks>
    /// <param name="gaps">As for <see cref="Of"/>; events are one more than gaps.</param>
    /// <returns>-1 to 1; null as for <see cref="Of"/>.</returns>
    public static double? OfFew(IReadOnlyCollection<double> gaps)
    {
        if (Ratio(gaps) is not { } ratio) return null;
        double events = gaps.Count + 1;
        var (more, less) = (Math.Sqrt(events + 1), Math.Sqrt(events - 1));
        return ((more * ratio) - less) / (((more - 2) * ratio) + less);
    }

    private static double? Ratio(IReadOnlyCollection<double> gaps)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        if (gaps.Count < MinGaps) return null;
        var (mean, deviation) = gaps.MeanStandardDeviation();
        if (mean <= 0) return null;
        // The library divides by one less than there are; the formulas are of the whole population.
        return deviation * Math.Sqrt((gaps.Count - 1.0) / gaps.Count) / mean;
    }
}
