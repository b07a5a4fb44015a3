using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>Queue to topic through a local stack in this process, producers and consumer included.</summary>
internal static class RelayBench
{
    private const int Mediators = 2;
    private const int ReceiveAtOnce = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Figures in the order to print.</summary>
    public static async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(
        int count, int contentBytes, TimeProvider time, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-").FullName;
        try
        {
            var options = new LocalStackOptions
            {
                StateFolder = folder,
                AmqpPort = 0,
                VaultPort = 0,
                HttpPort = 0,
                HttpsPort = 0,
                TimeProvider = time,
            };
            await using var stack = await LocalStack.StartAsync(options, progress, cancellationToken);
            var negotiation = await ImportAsync(LocalVault.Open(stack.Endpoints, "relay-bench", time), cancellationToken);
            LocalDirectory.Put(folder, BenchNegotiation.Name, negotiation.Document);
            var envelopes = new List<byte[]>(count);
            for (var i = 1; i <= count; i++)
            {
                envelopes.Add(await negotiation.EnvelopeAsync(i, contentBytes, time, cancellationToken));
            }

            progress.Report($"{count} envelopes of {envelopes[^1].Length} bytes made");
            return await MeasureAsync(stack, envelopes, time, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<BenchNegotiation> ImportAsync(KeyClient vault, CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, Mediators).Select(i => PrivateJwk.Generate(JwkKind.P256, $"mediator-bench-{i}")).ToList();
        var ids = new List<Uri>();
        foreach (var key in keys)
        {
            using var ecdsa = key.CreateECDsa();
            var material = new JsonWebKey(ecdsa, includePrivateParameters: true, [KeyOperation.Sign, KeyOperation.Verify]);
            ids.Add((await vault.ImportKeyAsync(key.KeyId, material, cancellationToken)).Value.Id);
        }

        return BenchNegotiation.Create(keys, ids);
    }

    private static async Task<IReadOnlyList<(string Figure, string Value)>> MeasureAsync(
        LocalStack stack, List<byte[]> envelopes, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var bus = new ServiceBusClient(stack.Endpoints.ServiceBus);
        // Warms every path, then the backlog: all sent as fast as the queue takes them.
        var warm = envelopes.Count / 10;
        await ThroughAsync(bus, envelopes[..warm], time, cancellationToken);
        var backlog = await ThroughAsync(bus, envelopes[warm..], time, cancellationToken);
        return
        [
            ("envelopes, two ES256 signatures each", (envelopes.Count - warm).ToString(CultureInfo.InvariantCulture)),
            ("sent to the queue, envelopes/s", (backlog.Count / backlog.Sending.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)),
            ("queue to topic, envelopes/s", (backlog.Count / backlog.Whole.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)),
            ("latency under that backlog p50", $"{Percentile.Milliseconds(backlog.Latencies, 0.50).ToString("0.0", CultureInfo.InvariantCulture)} ms"),
            ("latency under that backlog p99", $"{Percentile.Milliseconds(backlog.Latencies, 0.99).ToString("0.0", CultureInfo.InvariantCulture)} ms"),
        ];
    }

    private static async Task<(int Count, TimeSpan Sending, TimeSpan Whole, List<TimeSpan> Latencies)> ThroughAsync(
        ServiceBusClient bus, List<byte[]> envelopes, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender("envelopes");
        await using var receiver = bus.CreateReceiver($"delegation-{BenchNegotiation.Addressee}", "inbox", new ServiceBusReceiverOptions { PrefetchCount = 1_000 });
        using var deadline = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        // Before the clock starts: only the relay is to be measured.
        var outgoing = envelopes.Select(wire => (Wire: wire, Id: MessageId(wire))).ToList();
        var started = time.GetTimestamp();
        var sentAt = new System.Collections.Concurrent.ConcurrentDictionary<string, long>();
        var receiving = ReceiveAsync(receiver, envelopes.Count, sentAt, time, stop.Token);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = stop.Token };
        await Parallel.ForEachAsync(outgoing, parallel, async (envelope, token) =>
        {
            sentAt[envelope.Id] = time.GetTimestamp();
            await sender.SendMessageAsync(new ServiceBusMessage(envelope.Wire), token);
        });
        var sending = time.GetElapsedTime(started);
        var latencies = await receiving;
        return (envelopes.Count, sending, time.GetElapsedTime(started), latencies);
    }

    // The relay's message id on a topic: base64url of the payload's digest.
    private static string MessageId(byte[] wire) => Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail)
        ? envelope.Digest.ToString()
        : throw new InvalidOperationException(detail);

    private static async Task<List<TimeSpan>> ReceiveAsync(
        ServiceBusReceiver receiver, int count, System.Collections.Concurrent.ConcurrentDictionary<string, long> sentAt, TimeProvider time, CancellationToken cancellationToken)
    {
        var latencies = new List<TimeSpan>(count);
        while (latencies.Count < count)
        {
            var messages = await receiver.ReceiveMessagesAsync(ReceiveAtOnce, TimeSpan.FromSeconds(5), cancellationToken);
            var arrived = time.GetTimestamp();
            latencies.AddRange(messages.Select(message => time.GetElapsedTime(sentAt[message.MessageId], arrived)));
            await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message, cancellationToken)));
        }

        return latencies;
    }
}
