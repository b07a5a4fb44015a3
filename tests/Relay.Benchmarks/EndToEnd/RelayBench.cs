using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emulator.KeyVault;
using Relay.Cli;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>
/// Queue to topic through the relay and through its twin, in turns: the same
/// envelopes, host, bus and packages, each with broker, host and worker in
/// processes of their own, so that the ratio holds on a busy machine and says what the relay's rules, order and ledger cost.
/// </summary>
internal sealed class RelayBench(RelayBenchPlan plan, TimeProvider time, IProgress<string> progress)
{
    private const int Mediators = 2;

    /// <summary>Figures in the order to print: what, of the relay, of the twin, as a ratio.</summary>
    public async Task<IReadOnlyList<(string Figure, string Relay, string Twin, string Ratio)>> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-").FullName;
        try
        {
            var vaultOptions = new KeyVaultEmulatorOptions { StateFolder = Path.Combine(folder, "vault") };
            await using var vault = await KeyVaultEmulator.StartAsync(vaultOptions, cancellationToken);
            var negotiation = await SeedAsync(vault, folder, cancellationToken);
            var settings = StackSettings.Of(vault, folder);
            await using var relay = await AppUnderLoad.StartAsync("relay", plan.App, settings, folder, cancellationToken);
            await using var twin = await AppUnderLoad.StartAsync("twin", "twin", TwinSettings(plan, folder), folder, cancellationToken);
            progress.Report(string.Create(CultureInfo.InvariantCulture, $"workers {relay.WorkerId} (relay) and {twin.WorkerId} (twin)"));
            return await MeasureAsync(relay, twin, negotiation, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, string?> TwinSettings(RelayBenchPlan plan, string folder) => new()
    {
        [plan.IsTwinBatched ? "AzureWebJobs.TwinEnvelope.Disabled" : "AzureWebJobs.TwinBatch.Disabled"] = "true",
        ["Twin:Keys"] = KeysFile(folder),
        ["Twin:Topic"] = $"delegation-{BenchNegotiation.Addressee}",
    };

    private static string KeysFile(string folder) => Path.Combine(folder, "keys.json");

    private static async Task<BenchNegotiation> SeedAsync(KeyVaultEmulator vault, string folder, CancellationToken cancellationToken)
    {
        var negotiation = await StackSettings.NegotiateAsync(vault, Mediators, folder, cancellationToken);
        var jwks = new JsonObject(negotiation.MediatorKeys.Zip(
            negotiation.KeyIds, (key, id) => KeyValuePair.Create(id, JsonNode.Parse(key.Public.ToJson()))));
        await File.WriteAllBytesAsync(KeysFile(folder), JsonSerializer.SerializeToUtf8Bytes(jwks), cancellationToken);
        return negotiation;
    }

    private async Task<IReadOnlyList<(string Figure, string Relay, string Twin, string Ratio)>> MeasureAsync(
        AppUnderLoad relay, AppUnderLoad twin, BenchNegotiation negotiation, CancellationToken cancellationToken)
    {
        var sides = new[] { new Side(relay, time), new Side(twin, time) };
        var sequence = 0;

        // The first round warms every path and counts for nothing.
        for (var round = 0; round <= plan.Rounds; round++)
        {
            var backlog = await MakeAsync(negotiation, sequence, plan.Envelopes, cancellationToken);
            var steady = await MakeAsync(negotiation, sequence + plan.Envelopes, plan.PerSecond * plan.Seconds, cancellationToken);
            sequence += backlog.Count + steady.Count;
            foreach (var side in sides) await side.BacklogAsync(backlog, counts: round > 0, cancellationToken);
            foreach (var side in sides) await side.SteadyAsync(steady, plan.PerSecond, counts: round > 0, cancellationToken);
            progress.Report($"round {round} of {plan.Rounds}: {sides[0].Last} and {sides[1].Last}");
        }

        return [.. Figures(sides[0], sides[1])];
    }

    private async Task<List<byte[]>> MakeAsync(BenchNegotiation negotiation, int after, int count, CancellationToken cancellationToken)
    {
        var envelopes = new List<byte[]>(count);
        for (var i = 1; i <= count; i++) envelopes.Add(await negotiation.EnvelopeAsync(after + i, plan.Bytes, time, cancellationToken));
        return envelopes;
    }

    private IEnumerable<(string Figure, string Relay, string Twin, string Ratio)> Figures(Side relay, Side twin)
    {
        var pairs = relay.Rates.Zip(twin.Rates, (ours, theirs) => ours / theirs).Order().ToList();
        yield return (
            "queue to topic, envelopes/s, median", Text(Median(relay.Rates)), Text(Median(twin.Rates)), Text(Median(pairs), "0.00"));
        yield return (
            "the same, least and most", Span(relay.Rates), Span(twin.Rates), $"{Text(pairs[0], "0.00")} to {Text(pairs[^1], "0.00")}");
        foreach (var share in new[] { 0.5, 0.99 })
        {
            var (ours, theirs) = (Percentile.Milliseconds(relay.Latencies, share), Percentile.Milliseconds(twin.Latencies, share));
            var figure = string.Create(CultureInfo.InvariantCulture, $"latency at {plan.PerSecond}/s p{share * 100:0}, ms");
            yield return (figure, Text(ours, "0.0"), Text(theirs, "0.0"), Text(ours / theirs, "0.00"));
        }

        yield return (
            "processor in the backlog, us each: broker / host / worker", relay.BacklogTimes, twin.BacklogTimes, relay.RatioOf(twin));
        yield return ("the same at the steady rate", relay.SteadyTimes, twin.SteadyTimes, "");
        yield return ("start of host and worker, ms", Text(relay.App.StartMilliseconds), Text(twin.App.StartMilliseconds), "");
        yield return ("memory at most, MiB: broker / host / worker", relay.App.Memory(), twin.App.Memory(), "");
    }

    private static string Span(List<double> rates) => $"{Text(rates.Min())} to {Text(rates.Max())}";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>What is measured.</summary>
/// <param name="App">Folder of the relay's app beside this program.</param>
/// <param name="Envelopes">Of a backlog.</param>
/// <param name="PerSecond">The steady rate.</param>
/// <param name="Seconds">How long it lasts.</param>
/// <param name="Bytes">Of content in each envelope.</param>
/// <param name="IsTwinBatched">Whether the twin takes batches, and not one message an invocation.</param>
internal sealed record RelayBenchPlan(
    string App, int Envelopes, int PerSecond, int Seconds, int Rounds, int Bytes, bool IsTwinBatched);
