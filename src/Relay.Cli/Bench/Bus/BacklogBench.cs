using System.Globalization;

namespace Relay.Cli.Bench.Bus;

/// <summary>A backlog in one queue of our broker: its memory, its start from the journal, and how fast it is received against a small one.</summary>
internal static class BacklogBench
{
    private const int SmallBacklog = 50_000;

    /// <summary>Figures in the order to print.</summary>
    public static async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(int messages, int bytes, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var broker = await OwnBroker.StartAsync(inMemory: false, BenchTopology.Plain, cancellationToken);
        var small = new List<double>();
        var figures = new List<(string, string)>();
        await using (var load = await AmqpLoad.CreateAsync(broker.Address(BenchTopology.Queue), bytes, 1, time, cancellationToken))
        {
            for (var round = 0; round < 3; round++)
            {
                await load.SendAsync(SmallBacklog, cancellationToken);
                small.Add(SmallBacklog / (await load.ReceiveAsync(SmallBacklog, cancellationToken)).TotalSeconds);
            }

            var sending = await load.SendAsync(messages, cancellationToken);
            figures.Add(("sends/s", Rate(messages / sending.TotalSeconds)));
            figures.Add(("memory with the backlog, now and at most, MiB", Memory(broker)));
            figures.Add(("journal, MiB", (broker.FileBytes >> 20).ToString(CultureInfo.InvariantCulture)));
        }

        var started = time.GetTimestamp();
        await broker.RestartAsync(cancellationToken);
        figures.Add(("start from the journal, s", time.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)));
        figures.Add(("memory after the start, now and at most, MiB", Memory(broker)));
        await using (var load = await AmqpLoad.CreateAsync(broker.Address(BenchTopology.Queue), bytes, 1, time, cancellationToken))
        {
            var receiving = await load.ReceiveAsync(messages, cancellationToken);
            figures.Add(("received and settled/s", Rate(messages / receiving.TotalSeconds)));
            figures.Add(("received and settled/s of a small backlog, each round", string.Join(' ', small.Select(Rate))));
            figures.Add(("memory in the end, now and at most, MiB", Memory(broker)));
        }

        return figures;
    }

    private static string Rate(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private static string Memory(OwnBroker broker)
    {
        var (now, peak) = broker.MemoryBytes();
        return string.Create(CultureInfo.InvariantCulture, $"{now >> 20} / {peak >> 20}");
    }
}
