namespace Relay.Risk.Series;

/// <summary>How many values a CUSUM runs over before its alarm, on the mean.</summary>
public static class RunLength
{
    // What a sum is past its threshold when it passes, for normal steps, on both ends.
    private const double Overshoot = 1.166;

    /// <summary>
    /// Run length of a one-sided CUSUM over normal values of deviation 1: (exp(-2 d b) + 2 d b - 1) / (2 d^2) with d = shift - k and
    /// b = h + 1.166; b^2 for d = 0. Two sides alarm as often as both together, so for no shift half of it.
    /// </summary>
    /// <remarks>
    /// Siegmund, "Sequential Analysis" (1985), chapter 2; as in Montgomery, "Introduction to Statistical Quality Control", section 9.1.4,
    /// which for k = 0.5 and h = 5 has 938.2, where the exact value is 930.9.
    /// </remarks>
    /// <param name="shift">Mean of the values.</param>
    /// <param name="reference">k.</param>
    /// <param name="threshold">h, above 0.</param>
    public static double OneSided(double shift, double reference, double threshold)
    {
        var drift = shift - reference;
        var height = threshold + Overshoot;
        if (Math.Abs(drift) < 1e-9) return height * height;
        var both = 2 * drift * height;
        return (Math.Exp(-both) + both - 1) / (2 * drift * drift);
    }
}
