namespace Relay.Forecasts;

/// <summary>
/// What forecasts of one probability have come to on the mean: a rising line through groups of past forecasts, so that their order, and
/// what each driver does to it, stays.
/// </summary>
/// <remarks>
/// Isotonic regression by pooling adjacent violators (Ayer et al., 1955), as in Zadrozny and Elkan, "Transforming classifier scores into
/// accurate multiclass probability estimates" (2002), over up to twenty groups and interpolated between their means.
/// </remarks>
internal sealed class Calibration
{
    private const int MaxGroups = 20;
    private const int MinOfAGroup = 25;

    private readonly List<(double Said, double Came)> _line = [];

    /// <param name="forecasts">What was said, and whether it came; fewer than some hundred leave forecasts as they are.</param>
    public Calibration(IEnumerable<(double Said, bool Came)> forecasts)
    {
        var sorted = forecasts.OrderBy(forecast => forecast.Said).ToArray();
        var groups = Math.Min(MaxGroups, sorted.Length / MinOfAGroup);
        if (groups < 4) return;
        var pooled = new List<(double Said, double Came, int Count)>();
        foreach (var group in sorted.Chunk((sorted.Length + groups - 1) / groups))
        {
            pooled.Add((group.Average(forecast => forecast.Said), group.Average(forecast => forecast.Came ? 1.0 : 0), group.Length));
            while (pooled.Count > 1 && pooled[^1].Came < pooled[^2].Came) Pool(pooled);
        }
        _line.AddRange(pooled.Select(group => (group.Said, group.Came)));
    }

    /// <summary>What to say instead.</summary>
    public double Of(double said)
    {
        if (_line.Count == 0) return said;
        var after = _line.FindIndex(point => point.Said >= said);
        if (after < 0) return _line[^1].Came;
        if (after == 0) return _line[0].Came;
        var (low, high) = (_line[after - 1], _line[after]);
        return low.Came + ((high.Came - low.Came) * (said - low.Said) / (high.Said - low.Said));
    }

    private static void Pool(List<(double Said, double Came, int Count)> pooled)
    {
        var (one, other) = (pooled[^2], pooled[^1]);
        var count = one.Count + other.Count;
        pooled.RemoveAt(pooled.Count - 1);
        pooled[^1] = (Mean(one.Said, other.Said), Mean(one.Came, other.Came), count);

        double Mean(double first, double second) => ((first * one.Count) + (second * other.Count)) / count;
    }
}
