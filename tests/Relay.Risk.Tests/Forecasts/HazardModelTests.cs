using System.Collections.Concurrent;
using Relay.Forecasts;

namespace Relay.Risk.Tests.Forecasts;

public sealed class HazardModelTests
{
    private const int Sets = 20;
    private const int SetSize = 120;

    // Negotiations that nobody had looked at when the model was chosen.
    private const int FirstOfSets = 10_000;
    private static readonly DateTimeOffset Start = SyntheticNegotiation.Start;
    private static readonly ConcurrentDictionary<ForecastQuestion, HazardModel> Models = new();

    // A week to learn the pace from, then forecasts so far apart that each tells something of its own.
    [Theory]
    [InlineData(ForecastQuestion.NextEnvelope)]
    [InlineData(ForecastQuestion.FallsSilent)]
    [InlineData(ForecastQuestion.Frozen)]
    public void Forecast_OfNegotiationsHeldBack_HasSkillAndIsReliable(ForecastQuestion question)
    {
        var score = ForecastScore.Of(ForecastsOf(question, Fit(question), 2_000))!;
        Write(question, score);
        Assert.True(score.SkillOverBaseRate > 0.1, $"{score.SkillOverBaseRate}");
        Assert.True(score.SkillOverPersistence > 0.1, $"{score.SkillOverPersistence}");
        Assert.True(score.Log < score.LogOfBaseRate);
        // Of bins that are right, one in twenty is outside its 95 % interval.
        Assert.InRange(score.Bins.Count(bin => !bin.IsReliable), 0, 1);
    }

    // One held-back set has a bin outside by chance as often as not; over many, as many bins must be inside as an interval of 95 % says.
    [Theory]
    [InlineData(ForecastQuestion.NextEnvelope)]
    [InlineData(ForecastQuestion.FallsSilent)]
    [InlineData(ForecastQuestion.Frozen)]
    public void Forecast_OfManySetsHeldBack_IsAsOftenInsideItsIntervalAsThatSays(ForecastQuestion question)
    {
        var model = Fit(question);
        var sets = Enumerable.Range(0, Sets).Select(set => ForecastsOf(question, model, FirstOfSets + set * SetSize)).ToList();
        var bins = sets.SelectMany(set => ForecastScore.Of(set)!.Bins).Where(bin => bin.Count > 0).ToList();
        var inside = bins.Count(bin => bin.IsReliable);
        var whole = ForecastScore.Of([.. sets.SelectMany(set => set)])!;
        Write(question, whole);
        TestContext.Current.TestOutputHelper!.WriteLine($"{inside} of {bins.Count} bins of {Sets} sets are inside their interval");
        Assert.True(inside >= 0.9 * bins.Count, $"{inside} of {bins.Count} bins are inside their interval");
        Assert.True(whole.SkillOverBaseRate > 0.1, $"{whole.SkillOverBaseRate}");
        Assert.True(whole.SkillOverPersistence > 0.1, $"{whole.SkillOverPersistence}");
    }

    // An envelope an hour in twenty, by chance: one within a day with 1 - 0.95^24.
    [Fact]
    public void Fit_ToEventsByChance_ForecastsTheirFrequency()
    {
        var samples = new Samples(77);
        var envelopes = Enumerable.Range(0, 4_000).Where(_ => samples.Uniform() < 0.05).Select(hour => Start.AddHours(hour + 0.5)).ToList();
        var history = new NegotiationHistory(envelopes, [], []);
        var end = Start.AddHours(4_000);
        var model = HazardModel.Fit(ForecastQuestion.NextEnvelope, [(history, Start.AddHours(200), end)])!;
        var forecasts = Enumerable.Range(10, 140).Select(day => model.Forecast(history, Start.AddDays(day))).ToList();
        Assert.Equal(1 - Math.Pow(0.95, 24), forecasts.Average(), 0.05);
    }

    [Fact]
    public void Forecast_WhatComesLater_IsNotLookedAt()
    {
        var model = HazardModel.Fit(ForecastQuestion.NextEnvelope, [(SyntheticNegotiation.Create(1), Start, Start.AddDays(20))])!;
        var history = SyntheticNegotiation.Create(2);
        var at = Start.AddDays(12);
        Assert.Equal(model.Forecast(history.Until(at), at), model.Forecast(history, at));
        Assert.Equal(model.Contributions(history.Until(at), at), model.Contributions(history, at));
    }

    [Fact]
    public void Fit_NoEvent_IsNull() =>
        Assert.Null(HazardModel.Fit(ForecastQuestion.Frozen, [(new NegotiationHistory([Start], [], []), Start, Start.AddDays(3))]));

    [Theory]
    [InlineData(ForecastQuestion.NextEnvelope, 23.9, true)]
    [InlineData(ForecastQuestion.NextEnvelope, 24.1, false)]
    [InlineData(ForecastQuestion.FallsSilent, 71.9, false)]
    [InlineData(ForecastQuestion.FallsSilent, 72.1, true)]
    public void Outcome_AtTheEndOfTheHorizon_IsOfWhatCameWithinIt(ForecastQuestion question, double hours, bool expected) =>
        Assert.Equal(expected, question.Outcome(new NegotiationHistory([Start.AddHours(hours)], [], []), Start));

    [Theory]
    [InlineData(167, true)]
    [InlineData(169, false)]
    public void Outcome_OfFreezing_IsOfTheModeWithinAWeek(double hours, bool expected)
    {
        var history = new NegotiationHistory([], [], [(Start.AddHours(1), false), (Start.AddHours(hours), true)]);
        Assert.Equal(expected, ForecastQuestion.Frozen.Outcome(history, Start));
    }

    // Once for all tests. A freeze is rare: fitted to a quarter as many, one bin of it in five was outside its interval.
    private static HazardModel Fit(ForecastQuestion question) => Models.GetOrAdd(question, static asked =>
    {
        var end = Start.AddDays(SyntheticNegotiation.Days);
        return HazardModel.Fit(asked, Enumerable.Range(0, 480).Select(seed => (SyntheticNegotiation.Create(seed), Start.AddDays(7), end)))!;
    });

    // So far apart that each tells something of its own.
    private static List<(double, bool, bool)> ForecastsOf(ForecastQuestion question, HazardModel model, int firstSeed)
    {
        var end = Start.AddDays(SyntheticNegotiation.Days);
        var made = new List<(double, bool, bool)>();
        for (var seed = firstSeed; seed < firstSeed + SetSize; seed++)
        {
            var history = SyntheticNegotiation.Create(seed);
            for (var at = Start.AddDays(9); at + question.Horizon() <= end; at = at.AddDays(8))
            {
                if (question.IsDecided(history, at)) continue;
                var before = question.Outcome(history, at - question.Horizon());
                made.Add((model.Forecast(history, at), question.Outcome(history, at), before));
            }
        }
        return made;
    }

    private static void Write(ForecastQuestion question, ForecastScore score)
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{question}: {score.Count}, base rate {score.BaseRate:0.000}, Brier {score.Brier:0.0000}");
        output.WriteLine($"skill {score.SkillOverBaseRate:0.000} and {score.SkillOverPersistence:0.000}, log {score.Log:0.000}");
        foreach (var bin in score.Bins) output.WriteLine($"{bin.Count} of {bin.Mean:0.000}: {bin.Low:0.000} to {bin.High:0.000}");
    }
}
