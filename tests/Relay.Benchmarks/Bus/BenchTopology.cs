using System.Globalization;
using Emulator.ServiceBus.Topology;
using Relay.Local;

namespace Relay.Benchmarks.Bus;

/// <summary>
/// The entities the scenarios use, by a name short enough for a command line: <c>plain</c>,
/// <c>sessions</c>, <c>relay</c> (what every relay has), or a number of queues.
/// </summary>
internal static class BenchTopology
{
    public const string Plain = "plain";
    public const string Sessions = "sessions";
    public const string Relay = "relay";
    public const string Queue = "bench";
    public const string OtherQueue = "bench-other";

    // 5 TiB would do as well: no scenario is about the quota.
    private const int Megabytes = 81_920;

    /// <summary>Name of the nth of many queues.</summary>
    public static string QueueName(int number) => string.Create(CultureInfo.InvariantCulture, $"queue-{number:00000}");

    public static NamespaceTopology Of(string name) => name switch
    {
        Plain => new NamespaceTopology { Queues = [Make(Queue), Make(OtherQueue)] },
        Sessions => new NamespaceTopology { Queues = [Make(Queue) with { RequiresSession = true }] },
        Relay => LocalTopology.Create(LocalTopology.Default),
        _ => new NamespaceTopology
        {
            Queues = [.. Enumerable.Range(0, int.Parse(name, CultureInfo.InvariantCulture)).Select(number => Make(QueueName(number)))],
        },
    };

    private static QueueSettings Make(string name) =>
        new() { Name = name, MaxSizeInMegabytes = Megabytes, LockDuration = TimeSpan.FromMinutes(5), MaxDeliveryCount = 2000 };
}
