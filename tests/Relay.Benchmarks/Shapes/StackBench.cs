using Emulator.KeyVault;
using Relay.Benchmarks.EndToEnd;
using Relay.Cli;
using Relay.Local;

namespace Relay.Benchmarks.Shapes;

/// <summary>
/// A backlog of a shape through the whole local stack: broker, host and worker in processes of their own, ledgers in a folder.
/// </summary>
/// <param name="app">Folder of the relay's app beside this program, or any other.</param>
/// <param name="bytes">Of content in each envelope.</param>
/// <param name="batch">Heads that the mediator signs at once; 1 for one at a time.</param>
internal sealed class StackBench(string app, int bytes, int batch, TimeProvider time)
{
    /// <param name="shape">What to measure; one worker, whatever it says.</param>
    /// <param name="seed">Of the shuffle.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ShapeResult> RunAsync(Shape shape, int seed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-stack-").FullName;
        try
        {
            var options = new KeyVaultEmulatorOptions { StateFolder = Path.Combine(folder, "vault") };
            await using var vault = await KeyVaultEmulator.StartAsync(options, cancellationToken);
            var (keys, ids) = await StackSettings.SeedAsync(vault, 1, cancellationToken);
            using var senders = new ShapeSenders(shape.Negotiations, shape.Senders, bytes, batch, time, keys[0], ids[0].AbsoluteUri);
            foreach (var negotiation in senders.Negotiations) LocalDirectory.Put(folder, negotiation, senders.Document(negotiation));
            await using var relay = await AppUnderLoad.StartAsync(
                "relay", app, StackSettings.Of(vault, folder), folder, cancellationToken);
            var load = new EnvelopeLoad(relay.Bus, time);
            var beginnings = Shape.Arrange(await senders.NextAsync(1, cancellationToken), ShapeOrder.Ordered, new Random(seed));
            await load.InOrderAsync(beginnings, cancellationToken);
            var backlog = Shape.Arrange(await senders.NextAsync(shape.OfEachStream, cancellationToken), shape.Order, new Random(seed));
            var result = await load.InOrderAsync(backlog, cancellationToken);
            return new ShapeResult(
                shape,
                result.Count,
                Again: 0,
                result.Whole.TotalSeconds,
                Percentile.Milliseconds(result.Latencies, 0.5),
                Percentile.Milliseconds(result.Latencies, 0.99),
                LongestStall: 0,
                default);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
