using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Relay.Risk.Series;

/// <summary>
/// Phi accrual: how surprising a silence is after the gaps before it. Phi of 1 is reached by one honest gap in ten, of 2 by one in a
/// hundred, and so on.
/// </summary>
/// <remarks>
/// Hayashibara et al., "The phi accrual failure detector", SRDS 2004, section 4, where gaps are normal. People's gaps are not, so here
/// their logarithms are; and since they are few, the distribution is the predictive one (Student's t with n - 1 degrees of freedom),
/// which is right for any number of them.
/// </remarks>
public static class SilenceSuspicion
{
    /// <summary>Fewest gaps that say anything: 5.</summary>
    public const int MinGaps = 5;

    /// <summary>Most gaps that are looked at, the newest: 100.</summary>
    public const int MaxGaps = 100;

    /// <summary>Greatest suspicion: 100. There is no use in telling larger ones apart.</summary>
    public const double Most = 100;

    // A sender like a clock would be suspect a moment later; no gap is known to better than a tenth.
    private const double LeastDeviation = 0.1;

    /// <summary>
    /// phi = -log10 P(gap > silence), P of Student's t at (ln silence - m) / (s sqrt(1 + 1/n)) where m and s are the mean and deviation
    /// of the logarithms of the gaps; s at least 0.1.
    /// </summary>
    /// <param name="gaps">Times between the last events, oldest first, all above 0.</param>
    /// <param name="silence">Time since the last event, same unit.</param>
    /// <returns>0 to <see cref="Most"/>; null for fewer than <see cref="MinGaps"/> gaps.</returns>
    public static double? Of(IReadOnlyList<double> gaps, double silence)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        if (gaps.Count < MinGaps) return null;
        if (silence <= 0) return 0;
        var logs = gaps.Skip(gaps.Count - MaxGaps).Select(gap => Math.Log(gap)).ToArray();
        var (mean, deviation) = logs.MeanStandardDeviation();
        var scale = Math.Max(deviation, LeastDeviation) * Math.Sqrt(1 + (1.0 / logs.Length));
        var longer = StudentT.CDF(0, 1, logs.Length - 1, (mean - Math.Log(silence)) / scale);
        return longer <= 0 ? Most : Math.Clamp(-Math.Log10(longer), 0, Most);
    }
}
