using System.Collections.Immutable;
using Relay.Risk.Series;

namespace Relay.Forecasts;

/// <summary>What a forecast rests on: a handful of figures of a negotiation at a moment, all from times alone.</summary>
public static class ForecastDrivers
{
    // Phi past this says no more.
    private const double MostSuspicion = 5;

    /// <summary>Their names, in the order of <see cref="At"/>.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "always", "silence", "silence-squared", "silence-suspicion", "pace-of-a-day", "pace-of-a-week", "contradictions-of-a-week",
        "frozen", "ahead", "ahead-of-silence", "ahead-of-contradictions", "ahead-while-frozen",
    ];

    /// <summary>Their values.</summary>
    /// <param name="history">What is known.</param>
    /// <param name="at">The moment; what came in <paramref name="history"/> after it is not looked at.</param>
    /// <param name="ahead">How many steps after the moment the step is that is forecast, from 0.</param>
    /// <returns>
    /// 1; ln(1 + hours since the last envelope); its square; phi of that silence, at most 5; ln(1 + envelopes of a day); ln(1 + envelopes
    /// of a week); ln(1 + contradictions of a week); 1 while frozen; ln(1 + steps ahead), alone, times the silence, the contradictions,
    /// and frozen.
    /// </returns>
    public static double[] At(NegotiationHistory history, DateTimeOffset at, int ahead) => Ahead(Now(history, at), ahead);

    internal static double[] Ahead(double[] drivers, int ahead)
    {
        var further = Math.Log(1 + ahead);
        return [.. drivers, further, further * drivers[1], further * drivers[6], further * drivers[7]];
    }

    internal static double[] Now(NegotiationHistory history, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(history);
        var count = history.CountEnvelopes(at);
        var silence = count == 0 ? TimeSpan.FromDays(7) : at - history.Envelopes[count - 1];
        return
        [
            1,
            Math.Log(1 + silence.TotalHours),
            Math.Pow(Math.Log(1 + silence.TotalHours), 2),
            Math.Min(MostSuspicion, SilenceSuspicion.Of(Gaps(history, count), silence.TotalSeconds) ?? 0),
            Math.Log(1 + history.CountEnvelopes(at.AddDays(-1), at)),
            Math.Log(1 + history.CountEnvelopes(at.AddDays(-7), at)),
            Math.Log(1 + history.CountEvidence(at.AddDays(-7), at)),
            history.IsFrozen(at) ? 1 : 0,
        ];
    }

    private static double[] Gaps(NegotiationHistory history, int count)
    {
        var from = Math.Max(1, count - 20);
        var gaps = new double[Math.Max(0, count - from)];
        for (var i = 0; i < gaps.Length; i++)
        {
            gaps[i] = Math.Max(0.001, (history.Envelopes[from + i] - history.Envelopes[from + i - 1]).TotalSeconds);
        }
        return gaps;
    }
}
