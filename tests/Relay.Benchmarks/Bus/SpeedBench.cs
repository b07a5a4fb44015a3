using System.Globalization;
using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>Sends and settled receives per second of our broker and of another, in alternating rounds.</summary>
internal static class SpeedBench
{
    /// <summary>What to measure.</summary>
    /// <param name="Client">The client of both.</param>
    /// <param name="Against">The other broker's node; null measures ours alone.</param>
    /// <param name="RheaFolder">Where rhea is installed; read only for that client.</param>
    internal sealed record Plan(
        BusClientKind Client, BusAddress? Against, string RheaFolder, int Messages, int Bytes, int Links, int Rounds, bool InMemory);

    /// <summary>Rates of one broker, one value a round, messages/s.</summary>
    internal sealed record Rates(string Broker, List<double> Sends, List<double> Receives);

    /// <exception cref="CliFault">The plan asks for what does not go together, or a broker cannot be reached.</exception>
    public static async Task<(IReadOnlyList<Rates> Rates, string Note)> RunAsync(
        Plan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var broker = await OwnBroker.StartAsync(plan.InMemory, BenchTopology.Plain, cancellationToken);
        await using var ours = await LoadAsync(plan, broker, null, time, cancellationToken);
        var sides = new List<(IBusLoad Load, Rates Rates)>
        {
            (ours, new Rates(plan.InMemory ? "relay, in memory" : "relay, durable", [], [])),
        };
        var theirs = plan.Against is { } against ? await LoadAsync(plan, null, against, time, cancellationToken) : null;
        await using (theirs)
        {
            if (theirs is not null) sides.Add((theirs, new Rates($"{plan.Against!.Host}:{plan.Against.Port}", [], [])));

            // The first round compiles code and makes files: not counted.
            for (var round = 0; round <= plan.Rounds; round++)
            {
                foreach (var (load, rates) in sides)
                {
                    var sending = await load.SendAsync(plan.Messages, cancellationToken);
                    var receiving = await load.ReceiveAsync(plan.Messages, cancellationToken);
                    if (round == 0) continue;
                    rates.Sends.Add(plan.Messages / sending.TotalSeconds);
                    rates.Receives.Add(plan.Messages / receiving.TotalSeconds);
                }
            }
        }

        var (_, peak) = broker.MemoryBytes();
        var processed = 2.0 * plan.Messages * (plan.Rounds + 1);
        return ([.. sides.Select(side => side.Rates)], string.Create(
            CultureInfo.InvariantCulture,
            $"our broker's process: {broker.ProcessorTime().TotalMicroseconds / processed:0} µs of processor a message each way, "
                + $"{peak >> 20} MiB at most"));
    }

    private static async Task<IBusLoad> LoadAsync(
        Plan plan, OwnBroker? own, BusAddress? other, TimeProvider time, CancellationToken cancellationToken) =>
        plan.Client switch
        {
            BusClientKind.Amqp => await AmqpLoad.CreateAsync(
                other ?? own!.Address(BenchTopology.Queue), plan.Bytes, plan.Links, time, cancellationToken),
            BusClientKind.Rhea => await RheaLoad.StartAsync(
                plan.RheaFolder, other ?? own!.Address(BenchTopology.Queue), plan.Bytes, cancellationToken),
            BusClientKind.ServiceBus => own is null
                ? throw new CliFault(
                    "The Service Bus client speaks to Service Bus only.", "Leave --against out, or take --client amqp or rhea.")
                : new ServiceBusLoad(own.ConnectionString, BenchTopology.Queue, plan.Bytes, plan.Links, time),
        };
}

/// <summary>The clients a speed can be measured with.</summary>
internal enum BusClientKind
{
    /// <summary>Emulator.Amqp as a plain AMQP 1.0 client.</summary>
    Amqp,

    /// <summary>rhea, under Node.</summary>
    Rhea,

    /// <summary>Azure.Messaging.ServiceBus.</summary>
    ServiceBus,
}
