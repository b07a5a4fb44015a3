using MathNet.Numerics;

namespace Relay.Risk.Series;

/// <summary>
/// Phi accrual by records: how surprising a silence is that is some times as long as the longest of the gaps before it. Phi of 1 is
/// reached by one honest gap in ten, of 2 by one in a hundred, and so on.
/// </summary>
/// <remarks>
/// References: Hayashibara et al., "The phi accrual failure detector", SRDS 2004, section 4, for phi; Arnold, Balakrishnan, Nagaraja, "A
/// First Course in Order Statistics", for the longest M of n independent gaps: whatever their distribution, the next is longer with
/// probability 1 / (n + 1); where they are exponential it is longer than c M with E[exp(-M)^c] = n B(n, c + 1). Gaps of lighter tails
/// (a clock, whatever is bounded) are longer less often than that, of heavier ones (logarithms that are normal) more often.
/// Parameters: n from 1, c from 0.
/// </remarks>
public static class RecordSuspicion
{
    /// <summary>Greatest suspicion: 100. There is no use in telling larger ones apart.</summary>
    public const double Most = 100;

    private const double MostRatio = 1_000;

    /// <summary>phi = log10 (n + c)! / (n! c!).</summary>
    /// <param name="gaps">n, gaps that are known.</param>
    /// <param name="ratio">c, the silence over the longest of them.</param>
    /// <returns>0 to <see cref="Most"/>; 0 while no gap is known.</returns>
    public static double Of(long gaps, double ratio)
    {
        if (gaps < 1 || ratio <= 0) return 0;
        // Past it two logarithms of gamma functions are subtracted that differ by less than they are exact to.
        if (ratio > MostRatio) return Most;
        var logarithm = SpecialFunctions.GammaLn(gaps + 1 + ratio)
            - SpecialFunctions.GammaLn(gaps + 1) - SpecialFunctions.GammaLn(ratio + 1);
        return Math.Clamp(logarithm / Math.Log(10), 0, Most);
    }

    /// <summary>How many times the longest gap a silence is when its suspicion reaches a value.</summary>
    /// <param name="gaps">n, from 1.</param>
    /// <param name="suspicion">phi, 0 to <see cref="Most"/>.</param>
    /// <returns>c, to a thousandth; at most 1,000.</returns>
    public static double RatioAt(long gaps, double suspicion)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gaps, 1);
        var (low, high) = (0.0, MostRatio);
        while (high - low > 0.001)
        {
            var middle = (low + high) / 2;
            if (Of(gaps, middle) < suspicion) low = middle;
            else high = middle;
        }

        return high;
    }
}
