using System.Globalization;

namespace Relay.Benchmarks.Bus;

/// <summary>
/// A backlog in one queue of our broker: its memory, its start from the journal, and how fast it is received against a small one.
/// </summary>
internal static class BacklogBench
{
    private const int SmallBacklog = 50_000;
    private const int SmallRounds = 5;
    private const int WarmUp = 20_000;

    /// <summary>Figures in the order to print.</summary>
    public static async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(
        int messages, int bytes, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var broker = await OwnBroker.StartAsync(inMemory: false, BenchTopology.Plain, cancellationToken);
        var figures = new List<(string, string)>();
        await using (var load = await AmqpLoad.CreateAsync(broker.Address(BenchTopology.Queue), bytes, 1, time, cancellationToken))
        {
            var sending = await load.SendAsync(messages, cancellationToken);
            figures.Add(("sends/s", Rate(messages / sending.TotalSeconds)));
            figures.Add(("memory with the backlog, now and at most, MiB", broker.MemoryText()));
            figures.Add(("journal, MiB", (broker.FileBytes >> 20).ToString(CultureInfo.InvariantCulture)));
        }

        var started = time.GetTimestamp();
        await broker.RestartAsync(cancellationToken);
        figures.Add(("start from the journal, s", time.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)));
        figures.Add(("memory after the start, now and at most, MiB", broker.MemoryText()));
        await using var large = await AmqpLoad.CreateAsync(broker.Address(BenchTopology.Queue), bytes, 1, time, cancellationToken);
        await using var small = await AmqpLoad.CreateAsync(broker.Address(BenchTopology.OtherQueue), bytes, 1, time, cancellationToken);

        // So that neither side compiles code while it is measured.
        await small.SendAsync(WarmUp, cancellationToken);
        await small.ReceiveAsync(WarmUp, cancellationToken);
        var receiving = await large.ReceiveAsync(messages, cancellationToken);
        figures.Add(("received and settled/s", Rate(messages / receiving.TotalSeconds)));
        figures.Add(("memory while received, now and at most, MiB", broker.MemoryText()));
        figures.Add(
            (
                $"received and settled/s of {SmallBacklog} in another queue, each of {SmallRounds} rounds after",
                Join(await SmallAsync(small, cancellationToken))));
        figures.Add(("memory in the end, now and at most, MiB", broker.MemoryText()));
        return figures;
    }

    private static async Task<List<double>> SmallAsync(AmqpLoad load, CancellationToken cancellationToken)
    {
        var rates = new List<double>();
        for (var round = 0; round < SmallRounds; round++)
        {
            await load.SendAsync(SmallBacklog, cancellationToken);
            rates.Add(SmallBacklog / (await load.ReceiveAsync(SmallBacklog, cancellationToken)).TotalSeconds);
        }

        return rates;
    }

    private static string Join(List<double> rates) => string.Join(' ', rates.Select(Rate));

    private static string Rate(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
