using System.Globalization;
using Relay.Risk.Silence;

namespace Relay.Risk.Tests.Silence;

/// <summary>
/// What is stated of silences, measured on a made-up clock: told within three of the longest gaps that the party's rhythm has at 99 %, and
/// at most one false alarm in 100,000 party-days, with three confirmers and a relay that stands still for five seconds now and then.
/// <c>RELAY_PARTY_DAYS</c> sets how many days of each rhythm are simulated, <c>RELAY_SILENCE_TABLE</c> names a file for the table.
/// </summary>
public sealed class SilenceTableTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_130;

    private static readonly int PartyDays =
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_PARTY_DAYS"), NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            ? days : 200;

    [Fact]
    public void Table_OfRhythms_KeepsWhatIsStated()
    {
        var lines = new string[SyntheticRhythm.All.Length];
        var failures = new List<string>();
        Parallel.For(0, lines.Length, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, i =>
        {
            var rhythm = SyntheticRhythm.All[i];
            var alarms = FalseAlarms(rhythm, Seed + i, out var judged);
            var (ofLongest, ofMean) = Detection(rhythm, Seed + i);
            lines[i] = Line(
                $"| {rhythm} | {judged:0} | {alarms} | {At(ofLongest, 0.5):0.00} | {At(ofLongest, 0.99):0.00} | {At(ofMean, 0.99):0.0} |");
            lock (failures)
            {
                if (alarms > Math.Max(0, judged / 100_000)) failures.Add(Line($"{rhythm}: {alarms} false alarms in {judged:0} party-days"));
                if (At(ofLongest, 0.99) > 3) failures.Add(Line($"{rhythm}: told after {At(ofLongest, 0.99):0.00} longest gaps"));
            }
        });
        var table = string.Join('\n', lines);
        output.WriteLine(Line($"seed {Seed}\n{table}"));
        if (Environment.GetEnvironmentVariable("RELAY_SILENCE_TABLE") is { Length: > 0 } path) File.WriteAllText(path, table + "\n");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    // Of parties that are each watched for some years; the first weeks of each, in which its rhythm is learnt, count too.
    private static int FalseAlarms(SyntheticRhythm rhythm, int seed, out double judged)
    {
        const double Each = 1_000;
        var alarms = 0;
        judged = 0;
        for (var party = 0; judged < PartyDays; party++)
        {
            var days = Math.Min(Each, PartyDays - judged);
            alarms += new SilenceSimulation(rhythm, unchecked((seed * 100_003) + party)).FalseAlarms(days * 86_400);
            judged += days;
        }

        return alarms;
    }

    // In longest gaps of the rhythm that is known, and in mean ones.
    private static (double[] OfLongest, double[] OfMean) Detection(SyntheticRhythm rhythm, int seed)
    {
        var trials = Math.Clamp(PartyDays / 50, 20, 1_000);
        var (ofLongest, ofMean) = (new double[trials], new double[trials]);
        for (var i = 0; i < trials; i++)
        {
            var simulation = new SilenceSimulation(rhythm, unchecked((seed * 200_003) + i));
            simulation.Warm(GapRecord.MinKept + i);
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
}
