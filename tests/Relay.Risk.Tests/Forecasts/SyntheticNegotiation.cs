using Relay.Forecasts;

namespace Relay.Risk.Tests.Forecasts;

/// <summary>
/// Negotiations that are made up: they talk for some days, rest for some, at a pace of their own; contradictions come now and then, and a
/// negotiation is frozen for two days more often after one.
/// </summary>
internal static class SyntheticNegotiation
{
    public const int Days = 40;

    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000);

    public static NegotiationHistory Create(int seed)
    {
        var samples = new Samples(seed);
        var (envelopes, evidence, modes) = (new List<DateTimeOffset>(), new List<DateTimeOffset>(), new List<(DateTimeOffset, bool)>());
        var pace = Math.Exp(0.5 * samples.Normal()) / 4;
        var (talks, contradicted, thaws) = (true, double.NegativeInfinity, double.NegativeInfinity);
        // By the hour; what happens within one is somewhere in it.
        for (var hour = 0; hour < Days * 24; hour++)
        {
            if (samples.Uniform() < 1 / (talks ? 96.0 : 84.0)) talks = !talks;
            var at = Start.AddHours(hour + samples.Uniform());
            if (hour == thaws) modes.Add((at, false));
            if (hour < thaws) continue;
            if (samples.Uniform() < 1 - Math.Exp(-(talks ? pace : pace / 60))) envelopes.Add(at);
            if (samples.Uniform() < 1 / 400.0)
            {
                evidence.Add(at);
                contradicted = hour;
            }
            if (samples.Uniform() >= (hour - contradicted < 168 ? 0.015 : 0.0003)) continue;
            modes.Add((Start.AddHours(hour + 1), true));
            thaws = hour + 48;
        }
        return new NegotiationHistory(envelopes, evidence, modes);
    }
}
