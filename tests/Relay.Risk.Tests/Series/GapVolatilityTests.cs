using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

public sealed class GapVolatilityTests
{
    // r = 1, then 0: v = 1, then 0.94.
    [Fact]
    public void Of_ThreeGaps_IsAsByHand() => Assert.Equal(Math.Sqrt(0.94), GapVolatility.Of([1, Math.E, Math.E])!.Value, 12);

    [Fact]
    public void Of_AClock_IsZero() => Assert.Equal(0, GapVolatility.Of([3, 3, 3]));

    // The difference of two logarithms of exponentials is logistic, with variance pi^2 / 3.
    [Fact]
    public void Of_Poisson_IsPiOverTheRootOfThree()
    {
        var samples = new Samples(4);
        var mean = Enumerable.Range(0, 1_000).Average(_ => Math.Pow(GapVolatility.Of(samples.Poisson(200))!.Value, 2));
        Assert.Equal(Math.PI * Math.PI / 3, mean, 0.1);
    }

    // Of logarithms with deviation 2: 2 * 2^2.
    [Fact]
    public void Of_LogNormal_IsTwiceItsVariance()
    {
        var samples = new Samples(5);
        var mean = Enumerable.Range(0, 1_000).Average(_ => Math.Pow(GapVolatility.Of(samples.LogNormal(200, 3, 2))!.Value, 2));
        Assert.Equal(8, mean, 0.25);
    }

    [Fact]
    public void Of_OneGap_IsNull() => Assert.Null(GapVolatility.Of([1]));
}
