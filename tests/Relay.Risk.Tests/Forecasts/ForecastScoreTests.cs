using Relay.Forecasts;

namespace Relay.Risk.Tests.Forecasts;

public sealed class ForecastScoreTests
{
    // (0.9, yes), (0.2, no), (0.6, no), (0.7, yes): squares 0.01, 0.04, 0.36, 0.09; base rate 1/2.
    [Fact]
    public void Of_FourForecasts_IsAsByHand()
    {
        var score = ForecastScore.Of([(0.9, true, true), (0.2, false, true), (0.6, false, false), (0.7, true, false)])!;
        Assert.Equal((4, 0.5), (score.Count, score.BaseRate));
        Assert.Equal(0.125, score.Brier, 12);
        Assert.Equal(0.25, score.BrierOfBaseRate, 12);
        Assert.Equal(0.5, score.BrierOfPersistence, 12);
        Assert.Equal(0.5, score.SkillOverBaseRate, 12);
        Assert.Equal(0.75, score.SkillOverPersistence, 12);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.8) + Math.Log(0.4) + Math.Log(0.7)) / 4, score.Log, 12);
        Assert.Equal(Math.Log(2), score.LogOfBaseRate, 12);
        Assert.Equal(-(Math.Log(0.999) + Math.Log(0.001)) / 2, score.LogOfPersistence, 12);
    }

    // Wilson's interval of 2 in 10 from 5.67 % to 50.98 %: Agresti and Coull (1998) have (0.057, 0.510).
    [Fact]
    public void Bins_OfTenForecasts_HaveWilsonsInterval()
    {
        var score = ForecastScore.Of([.. Enumerable.Range(0, 10).Select(i => (0.25, i < 2, false))])!;
        var bin = score.Bins[2];
        Assert.Equal((10, 2, true), (bin.Count, bin.Came, bin.IsReliable));
        Assert.Equal(0.0567, bin.Low, 0.0001);
        Assert.Equal(0.5098, bin.High, 0.0001);
        Assert.False(ForecastScore.Of([.. Enumerable.Range(0, 100).Select(i => (0.25, i < 60, false))])!.Bins[2].IsReliable);
        Assert.Equal(1, ForecastScore.Of([(1.0, true, true)])!.Bins[9].Count);
    }

    [Fact]
    public void Of_None_IsNull() => Assert.Null(ForecastScore.Of([]));
}
