using MathNet.Numerics.Statistics;

namespace Relay.Risk.Series;

/// <summary>What is typical of some values and what of the larger of them.</summary>
/// <param name="Count">How many there are, from 1.</param>
/// <param name="Median">Half of them are at most this.</param>
/// <param name="P90">Nine in ten of them are at most this.</param>
public sealed record Spread(int Count, double Median, double P90)
{
    /// <summary>Of these values; null for none.</summary>
    /// <remarks>Quantiles of type 7: Hyndman and Fan, "Sample quantiles in statistical packages", 1996.</remarks>
    public static Spread? Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : new Spread(sorted.Length, At(sorted, 0.5), At(sorted, 0.9));
    }

    private static double At(double[] sorted, double share) => SortedArrayStatistics.QuantileCustom(sorted, share, QuantileDefinition.R7);
}
