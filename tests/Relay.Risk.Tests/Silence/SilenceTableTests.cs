using System.Globalization;
using Relay.Risk.Silence;

namespace Relay.Risk.Tests.Silence;

/// <summary>
/// What is stated of silences, measured on a made-up clock: told within three of the longest gaps that the party's rhythm has at 99 %, and
/// at most one false alarm in 100,000 party-days, with three confirmers and a relay that stands still for five seconds now and then.
/// <c>RELAY_PARTY_DAYS</c> sets how many days of each rhythm are simulated, <c>RELAY_SILENCE_SEED</c> from which seed, and
/// <c>RELAY_SILENCE_TABLE</c> names a file for the table.
/// </summary>
public sealed class SilenceTableTests(ITestOutputHelper output)
{
    private static readonly int Seed = Setting("RELAY_SILENCE_SEED") ?? 20_261_130;

    private static readonly int PartyDays = Setting("RELAY_PARTY_DAYS") ?? 200;

    // Of a party; the first weeks of each, in which its rhythm is learnt, count too.
    private const int DaysOfAParty = 1_000;

    [Fact]
    public void Table_OfRhythms_KeepsWhatIsStated()
    {
        var count = SyntheticRhythm.All.Length;
        var (alarms, found) = (new int[count], new (double[] OfLongest, double[] OfMean)[count]);
        // By parties, so that no rhythm with many envelopes is the last one.
        var parties = (PartyDays + DaysOfAParty - 1) / DaysOfAParty;
        var options = new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken };
        Parallel.For(0, count * (parties + 1), options, work =>
        {
            var (i, party) = (work % count, (work / count) - 1);
            if (party < 0) found[i] = Detection(SyntheticRhythm.All[i], Seed + i);
            else Interlocked.Add(ref alarms[i], FalseAlarms(SyntheticRhythm.All[i], Seed + i, party));
        });
        Judge([.. Enumerable.Range(0, count).Select(i => new Row(SyntheticRhythm.All[i], PartyDays, alarms[i], found[i]))]);
    }

    [Fact]
    public void Record_OfTenYears_IsToldWhenItStopsAndNotBefore()
    {
        var rhythm = RecordedRhythm.Replay;
        var alarms = new SilenceSimulation(rhythm, Seed).FalseAlarms(RecordedRhythm.Days * 86_400);
        // Of fewer than 200 gaps the rule knows too little: some 3.3 of the longest after 130.
        var stops = Enumerable.Range(0, 5).Select(part => 200 + (part * (RecordedRhythm.Count - 200) / 4)).ToArray();
        Judge([new Row(rhythm, RecordedRhythm.Days, alarms, Detection(rhythm, Seed, stops))]);
    }

    private void Judge(IReadOnlyList<Row> rows)
    {
        var table = string.Join('\n', rows.Select(static row => string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Rhythm} | {row.Days:0} | {row.Alarms} | {At(row.Found.OfLongest, 0.5):0.00} | {At(row.Found.OfLongest, 0.99):0.00} "
                + $"| {At(row.Found.OfMean, 0.99):0.0} |")));
        output.WriteLine(Line($"seed {Seed}\n{table}"));
        if (Environment.GetEnvironmentVariable("RELAY_SILENCE_TABLE") is { Length: > 0 } path) File.AppendAllText(path, table + "\n");
        Assert.All(rows, static row =>
        {
            Assert.True(row.Alarms <= row.Days / 100_000, Line($"{row.Rhythm}: {row.Alarms} false alarms in {row.Days:0} party-days"));
            Assert.True(At(row.Found.OfLongest, 0.99) <= 3, Line($"{row.Rhythm}: told after {At(row.Found.OfLongest, 0.99):0.00} longest"));
        });
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static int FalseAlarms(SyntheticRhythm rhythm, int seed, int party)
    {
        var days = Math.Min(DaysOfAParty, PartyDays - (party * DaysOfAParty));
        return new SilenceSimulation(rhythm, unchecked((seed * 100_003) + party)).FalseAlarms(days * 86_400.0);
    }

    // In longest gaps of the rhythm that is known, and in mean ones.
    private static (double[] OfLongest, double[] OfMean) Detection(SyntheticRhythm rhythm, int seed) => Detection(
        rhythm, seed, [.. Enumerable.Range(GapRecord.MinKept, Math.Clamp(PartyDays / 50, 20, 1_000))]);

    // Each stops after so many envelopes.
    private static (double[] OfLongest, double[] OfMean) Detection(SyntheticRhythm rhythm, int seed, int[] stops)
    {
        var (ofLongest, ofMean) = (new double[stops.Length], new double[stops.Length]);
        for (var i = 0; i < stops.Length; i++)
        {
            var simulation = new SilenceSimulation(rhythm, unchecked((seed * 200_003) + i));
            simulation.Warm(stops[i]);
            var mean = simulation.Time / simulation.Sent;
            var (after, notice) = simulation.Stop();
            Assert.Equal(SilenceCause.Party, notice.Cause);
            ofLongest[i] = after / notice.Longest;
            ofMean[i] = after / mean;
        }

        Array.Sort(ofLongest);
        Array.Sort(ofMean);
        return (ofLongest, ofMean);
    }

    private static double At(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(SyntheticRhythm Rhythm, double Days, int Alarms, (double[] OfLongest, double[] OfMean) Found);
}
