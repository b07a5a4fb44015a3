using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Relay.Client.Tests.Adversary;

/// <summary>
/// Seeded traces of lies and of honest runs. <c>RELAY_ADVERSARY_TRACES</c> sets how many,
/// <c>RELAY_ADVERSARY_SEED</c> the first seed; trace n has kind n modulo the number of kinds and seed
/// first + n, so that one that fails is run again by its number.
/// </summary>
public sealed class AdversaryTests(ITestOutputHelper output)
{
    private static readonly AttackKind[] Kinds = Enum.GetValues<AttackKind>();

    [Fact]
    public async Task Traces_OfEveryKind_LiesAreNoticedAndNobodyIsAccusedFalsely()
    {
        var traces = TraceSettings.Number("RELAY_ADVERSARY_TRACES", 5 * Kinds.Length);
        var firstSeed = TraceSettings.Number("RELAY_ADVERSARY_SEED", 20260101);
        var rows = Kinds.ToDictionary(kind => kind, _ => new Row());
        var wrong = new ConcurrentQueue<string>();
        var numbers = Enumerable.Range(0, traces);
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(numbers, options, async (number, _) =>
        {
            var kind = Kinds[number % Kinds.Length];
            using var trace = new AdversaryTrace(kind, firstSeed + number);
            var name = $"trace {number} ({kind}, seed {firstSeed + number})";
            try
            {
                await trace.RunAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                wrong.Enqueue($"{name}: {e}");
                return;
            }
            var accusesFalsely = AdversaryTrace.IsHonest(kind) && trace.Noticed.Count > 0;
            foreach (var problem in trace.Wrong) wrong.Enqueue($"{name}: {problem}");
            if (accusesFalsely) wrong.Enqueue($"{name}: accused falsely by {string.Join(", ", trace.Noticed)}");
            if (!AdversaryTrace.IsHonest(kind) && trace.Noticed.Count == 0) wrong.Enqueue($"{name}: not noticed");
            lock (rows[kind]) rows[kind].Add(trace, accusesFalsely);
        });

        output.WriteLine($"{traces} traces, first seed {firstSeed}");
        output.WriteLine(Table(rows));
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(20)));
    }

    private static string Table(Dictionary<AttackKind, Row> rows)
    {
        var text = new StringBuilder(
            "| attack | traces | noticed | by which check first | proofs | false accusations |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var (kind, row) in rows)
        {
            var checks = string.Join(", ", row.By.OrderByDescending(by => by.Value).Select(by => $"{by.Key} {by.Value}"));
            text.Append(
                CultureInfo.InvariantCulture, $"| {kind} | {row.Traces} | {row.Noticed} | {checks} | {row.Proofs} | {row.False} |\n");
        }
        return text.ToString();
    }

    private sealed class Row
    {
        public int Traces { get; private set; }

        public int Noticed { get; private set; }

        public int Proofs { get; private set; }

        public int False { get; private set; }

        public Dictionary<string, int> By { get; } = new(StringComparer.Ordinal);

        public void Add(AdversaryTrace trace, bool accusesFalsely)
        {
            Traces++;
            Proofs += trace.Proofs.Count;
            if (accusesFalsely) False++;
            if (trace.Noticed.Count == 0) return;
            Noticed++;
            By[trace.Noticed[0]] = By.GetValueOrDefault(trace.Noticed[0]) + 1;
        }
    }
}
