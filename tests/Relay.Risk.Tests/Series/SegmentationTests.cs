using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

public sealed class SegmentationTests
{
    [Fact]
    public void Split_TwoLevels_IsBetweenThem()
    {
        double[] values = [1, 2, 1, 2, 1, 2, 1, 2, 9, 8, 9, 8, 9, 8, 9, 8];
        Assert.Equal([8], Segmentation.Split(values));
    }

    [Fact]
    public void Split_TooFewOrAllEqual_IsNone()
    {
        Assert.Empty(Segmentation.Split([1, 2, 3, 9, 9, 9, 9, 9, 9]));
        Assert.Empty(Segmentation.Split(new double[50]));
        Assert.Empty(Segmentation.Split([]));
    }

    // Pruning leaves out only what cannot be best: the cost of every way to split a short series, one by one.
    [Fact]
    public void Split_RandomShortSeries_CostsNoMoreThanAnyOther()
    {
        var samples = new Samples(12);
        for (var i = 0; i < 60; i++)
        {
            var values = Enumerable.Range(0, 24).Select(at => samples.Normal() + (at < 12 ? 0 : 2)).ToArray();
            var best = Ways(0, values.Length).Min(splits => Cost(values, splits));
            Assert.Equal(best, Cost(values, [.. Segmentation.Split(values)]), 9);
        }
    }

    [Fact]
    public void Split_PaceThatChangesTenfold_IsFoundWhereItIs()
    {
        var samples = new Samples(13);
        var found = 0;
        for (var i = 0; i < 100; i++)
        {
            double[] gaps = [.. samples.Poisson(100), .. samples.Poisson(100, 10)];
            if (Segmentation.Split([.. gaps.Select(gap => Math.Log(gap))]).Any(split => split is >= 95 and <= 105)) found++;
        }
        Assert.InRange(found, 95, 100);
    }

    [Fact]
    public void Split_SteadyPoisson_IsSeldomSplit()
    {
        var samples = new Samples(14);
        var split = Enumerable.Range(0, 200).Count(
            _ => Segmentation.Split([.. samples.Poisson(200).Select(gap => Math.Log(gap))]).Count > 0);
        Assert.InRange(split, 0, 20);
    }

    private static IEnumerable<int[]> Ways(int from, int length)
    {
        yield return [];
        for (var split = from + Segmentation.MinLength; split + Segmentation.MinLength <= length; split++)
        {
            foreach (var rest in Ways(split, length)) yield return [split, .. rest];
        }
    }

    private static double Cost(double[] values, int[] splits)
    {
        var variance = values.Zip(values.Skip(1)).Sum(pair => Math.Pow(pair.Second - pair.First, 2)) / (2 * (values.Length - 1));
        int[] bounds = [0, .. splits, values.Length];
        var squares = bounds.Zip(bounds.Skip(1)).Sum(bound =>
        {
            var segment = values[bound.First..bound.Second];
            return segment.Sum(value => Math.Pow(value - segment.Average(), 2));
        });
        return (squares / variance) + (splits.Length * 3 * Math.Log(values.Length));
    }
}
