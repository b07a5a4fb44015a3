using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;

namespace Relay.Forecasts;

/// <summary>
/// A discrete-time hazard model: of the twelve steps of a question's horizon, each that no event came before sees one with probability
/// 1 / (1 + exp(-b x)), x the drivers when it was asked and how far ahead the step is.
/// </summary>
/// <remarks>
/// Singer and Willett, "It's about time: using discrete-time survival analysis", Journal of Educational Statistics 18 (1993); fitted by
/// iteratively reweighted least squares with a ridge of 1 (le Cessie and van Houwelingen, 1992), so that a driver that never varied weighs
/// nothing; what comes out over the horizon is calibrated by what such forecasts would have come to.
/// </remarks>
public sealed class HazardModel
{
    private const double Ridge = 1;
    private const int MaxRounds = 50;
    private const int StepCount = 12;

    // How often the past is asked: often enough to learn from, seldom enough that answers differ.
    private static readonly TimeSpan Pause = TimeSpan.FromHours(8);

    private readonly Calibration _calibration;

    private HazardModel(
        ForecastQuestion question, ImmutableArray<double> weights, List<(double[] Drivers, bool Came)> asked, int steps, int events)
    {
        Question = question;
        _calibration = new Calibration(asked.Select(origin => (Raw(question, weights, origin.Drivers), origin.Came)));
        Weights = weights;
        FittedSteps = steps;
        Events = events;
    }

    /// <summary>What it forecasts.</summary>
    public ForecastQuestion Question { get; }

    /// <summary>b, in the order of <see cref="ForecastDrivers.Names"/>.</summary>
    public ImmutableArray<double> Weights { get; }

    /// <summary>Steps that it was fitted to.</summary>
    public int FittedSteps { get; }

    /// <summary>Steps of those that saw the event.</summary>
    public int Events { get; }

    /// <summary>Fits it to what has been.</summary>
    /// <param name="question">What to forecast.</param>
    /// <param name="known">Negotiations, each with the first and the last moment that is known of it.</param>
    /// <returns>Null when there is nothing to learn from: no horizon that is over, or no event.</returns>
    public static HazardModel? Fit(
        ForecastQuestion question, IEnumerable<(NegotiationHistory History, DateTimeOffset From, DateTimeOffset Until)> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var (asked, rows) = (new List<(double[] Drivers, bool Came)>(), new List<(double[] Drivers, bool Event)>());
        foreach (var (history, from, until) in known)
        {
            for (var at = from; at + question.Horizon() <= until; at += Pause)
            {
                if (question.IsDecided(history, at)) continue;
                var drivers = ForecastDrivers.Now(history, at);
                asked.Add((drivers, question.Outcome(history, at)));
                rows.AddRange(Steps(question, history, at, drivers));
            }
        }
        var events = rows.Count(row => row.Event);
        return events == 0 ? null : new HazardModel(question, [.. Weigh(rows)], asked, rows.Count, events);
    }

    /// <summary>Probability that the answer is yes.</summary>
    /// <param name="history">What is known; what is later than <paramref name="at"/> is not looked at.</param>
    /// <param name="at">When it is asked.</param>
    public double Forecast(NegotiationHistory history, DateTimeOffset at) =>
        _calibration.Of(Raw(Question, Weights, ForecastDrivers.Now(history, at)));

    /// <summary>
    /// What each driver adds to the logarithm of the odds of the event in the first step: b x, in the order of their names.
    /// </summary>
    public ImmutableArray<double> Contributions(NegotiationHistory history, DateTimeOffset at) =>
        [.. ForecastDrivers.At(history, at, ahead: 0).Zip(Weights, (driver, weight) => driver * weight)];

    // Each step up to the event.
    private static IEnumerable<(double[] Drivers, bool Event)> Steps(
        ForecastQuestion question, NegotiationHistory history, DateTimeOffset at, double[] drivers)
    {
        var step = question.Horizon() / StepCount;
        for (var ahead = 0; ahead < StepCount; ahead++)
        {
            var happened = history.HasEvent(question, at + (ahead * step), at + ((ahead + 1) * step));
            yield return (ForecastDrivers.Ahead(drivers, ahead), happened);
            if (happened) yield break;
        }
    }

    private static double Raw(ForecastQuestion question, ImmutableArray<double> weights, double[] drivers)
    {
        var survival = 1.0;
        for (var ahead = 0; ahead < StepCount; ahead++) survival *= 1 - Hazard(weights.AsSpan(), ForecastDrivers.Ahead(drivers, ahead));
        return question.IsOfTheEvent() ? 1 - survival : survival;
    }

    private static double Hazard(ReadOnlySpan<double> weights, double[] drivers)
    {
        var sum = 0.0;
        for (var i = 0; i < drivers.Length; i++) sum += weights[i] * drivers[i];
        return 1 / (1 + Math.Exp(-sum));
    }

    private static double[] Weigh(List<(double[] Drivers, bool Event)> rows)
    {
        var weights = new double[ForecastDrivers.Names.Length];
        for (var round = 0; round < MaxRounds; round++)
        {
            var (information, score) = Expand(rows, weights);
            var step = Matrix<double>.Build.DenseOfArray(information).Cholesky().Solve(Vector<double>.Build.Dense(score));
            for (var i = 0; i < weights.Length; i++) weights[i] += step[i];
            if (step.AbsoluteMaximum() < 1e-9) break;
        }
        return weights;
    }

    // First and second derivatives of the penalised log likelihood.
    private static (double[,] Information, double[] Score) Expand(List<(double[] Drivers, bool Event)> rows, double[] weights)
    {
        var size = weights.Length;
        var (information, score) = (new double[size, size], new double[size]);
        foreach (var (drivers, happened) in rows)
        {
            var hazard = Hazard(weights, drivers);
            var (rest, spread) = ((happened ? 1 : 0) - hazard, hazard * (1 - hazard));
            for (var i = 0; i < size; i++)
            {
                score[i] += rest * drivers[i];
                for (var j = 0; j < size; j++) information[i, j] += spread * drivers[i] * drivers[j];
            }
        }
        for (var i = 0; i < size; i++)
        {
            score[i] -= Ridge * weights[i];
            information[i, i] += Ridge;
        }
        return (information, score);
    }
}
