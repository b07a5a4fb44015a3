using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

public sealed class BurstinessTests
{
    // Mean 2, deviation 1.
    [Fact]
    public void Of_TwoGaps_IsAsByHand() => Assert.Equal(-1.0 / 3, Burstiness.Of([1, 3])!.Value, 12);

    // Three events, r = 1/2: (2/2 - sqrt 2) / (0/2 + sqrt 2).
    [Fact]
    public void OfFew_TwoGaps_IsAsByHand() => Assert.Equal((1 - Math.Sqrt(2)) / Math.Sqrt(2), Burstiness.OfFew([1, 3])!.Value, 12);

    [Fact]
    public void Of_AClock_IsMinusOne()
    {
        Assert.Equal(-1, Burstiness.Of([5, 5, 5, 5]));
        Assert.Equal(-1, Burstiness.OfFew([5, 5, 5, 5]));
    }

    [Fact]
    public void Of_Poisson_IsZero()
    {
        var gaps = new Samples(1).Poisson(100_000);
        Assert.InRange(Burstiness.Of(gaps)!.Value, -0.01, 0.01);
        Assert.InRange(Burstiness.OfFew(gaps)!.Value, -0.01, 0.01);
    }

    // Nine in ten of mean 0.1, one of mean 10: m = 1.09, E x^2 = 2 (0.9 * 0.01 + 0.1 * 100) = 20.018, s = 4.340.
    [Fact]
    public void Of_TwoPaces_IsThatOfTheirMoments()
    {
        var deviation = Math.Sqrt(20.018 - (1.09 * 1.09));
        var gaps = new Samples(2).Bursty(400_000, 0.9, 0.1, 10);
        Assert.Equal((deviation - 1.09) / (deviation + 1.09), Burstiness.Of(gaps)!.Value, 0.01);
    }

    // Of few events of a Poisson process B is far below 0 on the mean; what A is for.
    [Fact]
    public void OfFew_TenPoissonEventsEach_IsNearZeroOnTheMeanWhereTheOtherIsNot()
    {
        var samples = new Samples(3);
        var (few, plain) = (0.0, 0.0);
        for (var i = 0; i < 20_000; i++)
        {
            var gaps = samples.Poisson(9);
            few += Burstiness.OfFew(gaps)!.Value / 20_000;
            plain += Burstiness.Of(gaps)!.Value / 20_000;
        }
        Assert.InRange(few, -0.05, 0.05);
        Assert.InRange(plain, -0.15, -0.06);
    }

    [Fact]
    public void Of_TooFewOrAllAtOnce_IsNull()
    {
        Assert.Null(Burstiness.Of([1]));
        Assert.Null(Burstiness.OfFew([]));
        Assert.Null(Burstiness.Of([0, 0, 0]));
    }
}
