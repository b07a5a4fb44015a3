namespace Relay.Risk.Series;

/// <summary>
/// Splits a series where its mean changes: the split with the least sum of squares over all segments, each split paid for. It explains
/// what has been; nothing is decided by it, since the newest values move its splits.
/// </summary>
/// <remarks>
/// PELT: Killick, Fearnhead and Eckley, "Optimal detection of changepoints with a linear computational cost", JASA 107 (2012). Cost of a
/// segment: its squared deviations over the variance, -2 log likelihood of normal values; the variance from the differences of neighbours
/// (von Neumann, 1941), which a few changes hardly touch. A split costs 3 ln n (Zhang and Siegmund's modified BIC, 2007).
/// </remarks>
public static class Segmentation
{
    /// <summary>Fewest values of a segment: 5.</summary>
    public const int MinLength = 5;

    /// <summary>Where new segments begin.</summary>
    /// <param name="values">The series, oldest first; at most some thousand.</param>
    /// <returns>Indices of the first value of each segment but the first, rising; empty when nothing changes.</returns>
    public static IReadOnlyList<int> Split(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var variance = Variance(values);
        if (values.Count < 2 * MinLength || variance <= 0) return [];
        var costs = new Costs(values, variance);
        var penalty = 3 * Math.Log(values.Count);
        // best[t]: least cost of the first t values; from[t]: where the last of their segments begins.
        var best = new double[values.Count + 1];
        var from = new int[values.Count + 1];
        best[0] = -penalty;
        var starts = new List<(int Start, int Until)> { (0, int.MaxValue) };
        for (var end = MinLength; end <= values.Count; end++)
        {
            if (end >= 2 * MinLength) starts.Add((end - MinLength, int.MaxValue));
            starts.RemoveAll(candidate => candidate.Until <= end);
            best[end] = double.PositiveInfinity;
            foreach (var (start, _) in starts)
            {
                var cost = best[start] + costs.Of(start, end) + penalty;
                if (cost < best[end]) (best[end], from[end]) = (cost, start);
            }
            Prune(starts, end, best, costs);
        }
        var splits = new List<int>();
        for (var end = from[values.Count]; end > 0; end = from[end]) splits.Add(end);
        splits.Reverse();
        return splits;
    }

    // A start that is dearer than the best by more than a split is never the last one again, once a segment may begin here.
    private static void Prune(List<(int Start, int Until)> starts, int end, double[] best, in Costs costs)
    {
        for (var i = 0; i < starts.Count; i++)
        {
            var (start, until) = starts[i];
            if (until == int.MaxValue && best[start] + costs.Of(start, end) > best[end]) starts[i] = (start, end + MinLength);
        }
    }

    private static double Variance(IReadOnlyList<double> values)
    {
        var sum = 0.0;
        for (var i = 1; i < values.Count; i++) sum += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
        return values.Count < 2 ? 0 : sum / (2.0 * (values.Count - 1));
    }

    /// <summary>Squared deviations of any stretch, from running sums.</summary>
    private readonly struct Costs
    {
        private readonly double[] _sums;
        private readonly double[] _squares;
        private readonly double _variance;

        public Costs(IReadOnlyList<double> values, double variance)
        {
            _variance = variance;
            _sums = new double[values.Count + 1];
            _squares = new double[values.Count + 1];
            for (var i = 0; i < values.Count; i++)
            {
                // Around the first value, so that sums of large values with small differences stay exact.
                var value = values[i] - values[0];
                _sums[i + 1] = _sums[i] + value;
                _squares[i + 1] = _squares[i] + (value * value);
            }
        }

        public double Of(int start, int end)
        {
            var sum = _sums[end] - _sums[start];
            return (_squares[end] - _squares[start] - (sum * sum / (end - start))) / _variance;
        }
    }
}
