using System.Collections.Immutable;

namespace Relay.Forecasts;

/// <summary>What forecasts were worth.</summary>
/// <remarks>
/// Brier, "Verification of forecasts expressed in terms of probability" (1950): mean squared error, 0 is best. Log score (Good, 1952):
/// mean of -ln of the probability given to what came, which is kept from 0.001 to 0.999. Skill: 1 - score / score of a forecast without
/// any, above 0 is better than it.
/// </remarks>
public sealed record ForecastScore
{
    private const double Least = 0.001;
    private const double Deviations = 1.959964;

    /// <summary>How many forecasts.</summary>
    public required int Count { get; init; }

    /// <summary>How often the answer was yes.</summary>
    public required double BaseRate { get; init; }

    /// <summary>Brier score.</summary>
    public required double Brier { get; init; }

    /// <summary>Brier score of always saying the base rate.</summary>
    public required double BrierOfBaseRate { get; init; }

    /// <summary>Brier score of saying what was last.</summary>
    public required double BrierOfPersistence { get; init; }

    /// <summary>Log score.</summary>
    public required double Log { get; init; }

    /// <summary>Log score of always saying the base rate.</summary>
    public required double LogOfBaseRate { get; init; }

    /// <summary>Log score of saying what was last.</summary>
    public required double LogOfPersistence { get; init; }

    /// <summary>Ten tenths.</summary>
    public required ImmutableArray<ReliabilityBin> Bins { get; init; }

    /// <summary>Brier skill against the base rate.</summary>
    public double SkillOverBaseRate => 1 - (Brier / BrierOfBaseRate);

    /// <summary>Brier skill against persistence.</summary>
    public double SkillOverPersistence => 1 - (Brier / BrierOfPersistence);

    /// <summary>Scores forecasts.</summary>
    /// <param name="forecasts">What was said, what came, and what had been the answer at the time before: persistence says that.</param>
    /// <returns>Null for none.</returns>
    public static ForecastScore? Of(IReadOnlyCollection<(double Said, bool Came, bool Before)> forecasts)
    {
        ArgumentNullException.ThrowIfNull(forecasts);
        if (forecasts.Count == 0) return null;
        var rate = forecasts.Count(forecast => forecast.Came) / (double)forecasts.Count;
        return new ForecastScore
        {
            Count = forecasts.Count,
            BaseRate = rate,
            Brier = forecasts.Average(forecast => Square(forecast.Said, forecast.Came)),
            BrierOfBaseRate = forecasts.Average(forecast => Square(rate, forecast.Came)),
            BrierOfPersistence = forecasts.Average(forecast => Square(forecast.Before ? 1 : 0, forecast.Came)),
            Log = forecasts.Average(forecast => Surprise(forecast.Said, forecast.Came)),
            LogOfBaseRate = forecasts.Average(forecast => Surprise(rate, forecast.Came)),
            LogOfPersistence = forecasts.Average(forecast => Surprise(forecast.Before ? 1 : 0, forecast.Came)),
            Bins = [.. Enumerable.Range(0, 10).Select(tenth => Bin(tenth, forecasts))],
        };
    }

    private static double Square(double said, bool came) => Math.Pow(said - (came ? 1 : 0), 2);

    private static double Surprise(double said, bool came) => -Math.Log(Math.Clamp(came ? said : 1 - said, Least, 1 - Least));

    private static ReliabilityBin Bin(int tenth, IEnumerable<(double Said, bool Came, bool Before)> forecasts)
    {
        var within = forecasts.Where(forecast => Math.Min(9, (int)(forecast.Said * 10)) == tenth).ToList();
        var (count, came) = (within.Count, within.Count(forecast => forecast.Came));
        if (count == 0) return new ReliabilityBin(tenth / 10.0, 0, 0, 0, 0, 1);
        var (share, square) = (came / (double)count, Deviations * Deviations);
        var middle = (share + (square / (2 * count))) / (1 + (square / count));
        var half = Deviations * Math.Sqrt((share * (1 - share) / count) + (square / (4.0 * count * count))) / (1 + (square / count));
        return new ReliabilityBin(tenth / 10.0, count, within.Average(forecast => forecast.Said), came, middle - half, middle + half);
    }
}
