using MathNet.Numerics.Distributions;

namespace Relay.Risk.Series;

/// <summary>
/// Turns any series into one of normal scores: each value's rank among those before it, of which only the order counts. While values come
/// independently of one distribution, whichever, the scores are independent with mean 0 and variance 1, so what is said of them needs no
/// model of the values and no estimate of their scale. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// McDonald, "A CUSUM procedure based on sequential ranks", Naval Research Logistics 37 (1990); van der Waerden's scores, over their own
/// deviation for as many values as there are, since few ranks have less than 1.
/// </remarks>
internal sealed class SequentialRanks
{
    private readonly List<double> _sorted = [];

    public int Count => _sorted.Count;

    public void Clear() => _sorted.Clear();

    /// <summary>Takes the next value and gives its score; 0 for the first. Equal values share the middle of their ranks.</summary>
    public double Add(double value)
    {
        var low = LowerBound(value);
        var equal = 0;
        while (low + equal < _sorted.Count && _sorted[low + equal] == value) equal++;
        _sorted.Insert(low, value);
        var rank = low + 1 + (equal / 2.0);
        return _sorted.Count == 1 ? 0 : Score((rank - 0.5) / _sorted.Count) / Deviation(_sorted.Count);
    }

    private static double Score(double share) => Normal.InvCDF(0, 1, share);

    // Deviation of the scores of 1 to n. Past some 200 it is 1 to within a hundredth of what is stated, and its sum grows for nothing.
    private static double Deviation(int count)
    {
        if (count > Known.Length + 1) return Known[^1];
        return Known[count - 2];
    }

    private static readonly double[] Known = [.. Enumerable.Range(2, 255).Select(Exactly)];

    private static double Exactly(int count)
    {
        var sum = 0.0;
        for (var i = 1; i <= count; i++)
        {
            var score = Score((i - 0.5) / count);
            sum += score * score;
        }
        return Math.Sqrt(sum / count);
    }

    private int LowerBound(double value)
    {
        var (low, high) = (0, _sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sorted[middle] < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
