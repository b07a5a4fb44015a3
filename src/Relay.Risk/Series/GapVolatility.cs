namespace Relay.Risk.Series;

/// <summary>How much the pace changes from one event to the next.</summary>
public static class GapVolatility
{
    /// <summary>Weight of what was, for each gap: 0.94, after which 11 gaps halve what is remembered.</summary>
    public const double Decay = 0.94;

    /// <summary>
    /// Square root of v, v = 0.94 v + 0.06 r^2 from the first r^2 on, where r is the logarithm of a gap over the one before it:
    /// exponentially weighted, so that what is now counts most. A Poisson process has pi / sqrt(3), 1.81; a clock 0.
    /// </summary>
    /// <remarks>
    /// J.P. Morgan and Reuters, "RiskMetrics - Technical Document", 4th edition (1996), section 5.2, with gaps in place of prices.
    /// </remarks>
    /// <param name="gaps">Times between events, oldest first, all above 0.</param>
    /// <returns>0 and up, without a unit; null for fewer than two gaps.</returns>
    public static double? Of(IReadOnlyList<double> gaps)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        double? variance = null;
        for (var i = 1; i < gaps.Count; i++)
        {
            var change = Math.Log(gaps[i] / gaps[i - 1]);
            variance = variance is { } known ? (Decay * known) + ((1 - Decay) * change * change) : change * change;
        }
        return variance is { } last ? Math.Sqrt(last) : null;
    }
}
