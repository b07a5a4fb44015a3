namespace Relay.Risk.Tests.Silence;

/// <summary>When a made-up party sends, from a seed: the time from one envelope to the next, in seconds.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Next">The gap after an envelope at this second; second 0 is a Monday's midnight.</param>
internal sealed record SyntheticRhythm(string Name, Func<Samples, double, double> Next)
{
    private const double Day = 86_400;

    public static readonly SyntheticRhythm[] All =
    [
        new("a clock, 1 min, 2 % off", static (samples, _) => 60 * (1 + (0.02 * samples.Normal()))),
        new("a clock, 5 min, 20 % off", static (samples, _) => 300 * Math.Max(0.01, 1 + (0.2 * samples.Normal()))),
        new("Poisson, every 5 min", static (samples, _) => 300 * samples.Exponential()),
        new("Poisson, every 30 min", static (samples, _) => 1_800 * samples.Exponential()),
        new(
            "bursts: 9 of 10 after 20 s, else 30 min",
            static (samples, _) => (samples.Uniform() < 0.9 ? 20 : 1_800) * samples.Exponential()),
        new("turns of talk: 3 to 12 within 2 min, hours apart", Talk),
        new("office hours, every 5 min", static (samples, at) => Office(samples, at, static s => 300 * s.Exponential())),
        new("office hours, turns of talk", static (samples, at) => Office(samples, at, static s => Talk(s, 0))),
    ];

    public override string ToString() => Name;

    // Replies come at the pace of writing, turns at that of meetings, which are hours apart and not for ever.
    private static double Talk(Samples samples, double at) =>
        samples.Uniform() < 0.87 ? 5 + (25 * samples.Exponential()) : 600 + (7_200 * samples.Uniform() * samples.Uniform());

    // Monday to Friday from nine to five, each end half an hour earlier or later; what would come later comes the next morning.
    private static double Office(Samples samples, double at, Func<Samples, double> gap)
    {
        var next = at + gap(samples);
        var ofDay = next % Day;
        var isWeekend = (int)(next / Day) % 7 >= 5;
        if (!isWeekend && ofDay is >= 9 * 3_600 and < 17 * 3_600) return next - at;
        var day = Math.Floor(next / Day) + (ofDay >= 9 * 3_600 || isWeekend ? 1 : 0);
        while ((int)day % 7 >= 5) day++;
        return (day * Day) + (9 * 3_600) + (1_800 * samples.Uniform()) - at;
    }
}
