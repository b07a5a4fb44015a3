using System.Collections.Concurrent;

namespace Relay.Client.Tests.Adversary;

/// <summary>
/// Seeded traces of a relay that hands out one-time keys, truly and otherwise: each lie is proved, by its evidence file and the public
/// keys alone, and nobody is accused falsely. <c>RELAY_PREKEY_TRACES</c> sets how many, <c>RELAY_PREKEY_SEED</c> the first seed.
/// </summary>
public sealed class PrekeyTraceTests(ITestOutputHelper output)
{
    private static readonly PrekeyLie[] Lies = Enum.GetValues<PrekeyLie>();

    [Fact]
    public async Task Traces_OfEveryLie_AreProvedAndNobodyIsAccusedFalsely()
    {
        var traces = TraceSettings.Number("RELAY_PREKEY_TRACES", 20 * Lies.Length);
        var first = TraceSettings.Number("RELAY_PREKEY_SEED", 20261130);
        var wrong = new ConcurrentQueue<string>();
        var proved = new ConcurrentDictionary<string, int>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, traces), options, async (number, _) =>
        {
            var lie = Lies[number % Lies.Length];
            using var trace = new PrekeyTrace(lie, first + number);
            try
            {
                await trace.RunAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                wrong.Enqueue($"{lie}, seed {first + number}: {e}");
                return;
            }

            if (trace.Wrong is { } problem) wrong.Enqueue($"{lie}, seed {first + number}: {problem}");
            proved.AddOrUpdate($"{lie}: {trace.Proved?.ToString() ?? "nothing to prove"}", 1, static (_, count) => count + 1);
        });
        output.WriteLine($"{traces} traces, first seed {first}");
        foreach (var (kind, count) in proved.OrderBy(pair => pair.Key, StringComparer.Ordinal)) output.WriteLine($"{kind} {count}");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(20))}");
    }
}
