using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

public sealed class SilenceSuspicionTests
{
    // Logarithms -1, 0, 0, 0, 1: mean 0, deviation sqrt(1/2). Student's t with 4 degrees of freedom is past 2.131847 in 5 % and past
    // 3.746947 in 1 %.
    [Theory]
    [InlineData(2.131847, 0.05)]
    [InlineData(3.746947, 0.01)]
    public void Of_FiveGaps_IsThatOfStudentsTable(double t, double longer)
    {
        double[] gaps = [Math.Exp(-1), 1, 1, 1, Math.Exp(1)];
        var silence = Math.Exp(t * Math.Sqrt(0.5) * Math.Sqrt(1.2));
        Assert.Equal(-Math.Log10(longer), SilenceSuspicion.Of(gaps, silence)!.Value, 5);
    }

    // What is stated of it: 1 is reached by one honest gap in ten, 2 by one in a hundred, from however few gaps before.
    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    public void Of_HonestGaps_ReachesOneInOneOfTenAndTwoInOneOfAHundred(int known)
    {
        var samples = new Samples(6);
        var (tenth, hundredth) = (0, 0);
        const int Trials = 20_000;
        for (var i = 0; i < Trials; i++)
        {
            var gaps = samples.LogNormal(known + 1, 2, 1.5);
            var phi = SilenceSuspicion.Of(gaps[..known], gaps[known]);
            if (phi >= 1) tenth++;
            if (phi >= 2) hundredth++;
        }
        Assert.InRange(tenth / (double)Trials, 0.094, 0.106);
        Assert.InRange(hundredth / (double)Trials, 0.0085, 0.0115);
    }

    // A Poisson process has fewer long gaps than its logarithms' deviation makes one expect, so it is suspected less often.
    [Fact]
    public void Of_PoissonGaps_ReachesTwoInLessThanOneOfAHundred()
    {
        var samples = new Samples(7);
        var reached = Enumerable.Range(0, 20_000).Count(_ => SilenceSuspicion.Of(samples.Poisson(50), samples.Exponential()) >= 2);
        Assert.InRange(reached, 0, 200);
    }

    [Fact]
    public void Of_SilenceThatGoesOn_OnlyGrowsUpToTheMost()
    {
        double[] gaps = [1, 2, 1, 2, 1, 2];
        var phis = Enumerable.Range(0, 60).Select(power => SilenceSuspicion.Of(gaps, Math.Pow(2, power))!.Value).ToList();
        Assert.Equal(phis.Order(), phis);
        Assert.Equal(0, SilenceSuspicion.Of(gaps, 0));
        Assert.InRange(phis[^1], 8, SilenceSuspicion.Most);
    }

    [Fact]
    public void Of_AClock_IsNotSuspectAMomentLater()
    {
        var gaps = Enumerable.Repeat(10.0, 50).ToArray();
        Assert.InRange(SilenceSuspicion.Of(gaps, 10.5)!.Value, 0, 1);
        Assert.InRange(SilenceSuspicion.Of(gaps, 20)!.Value, 5, SilenceSuspicion.Most);
    }

    [Fact]
    public void Of_FourGaps_IsNull() => Assert.Null(SilenceSuspicion.Of([1, 1, 1, 1], 100));
}
