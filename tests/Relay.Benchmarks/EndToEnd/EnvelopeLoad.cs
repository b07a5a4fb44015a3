using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>Sends envelopes to an app's queue and takes them off the topic, each of them once.</summary>
internal sealed class EnvelopeLoad(ServiceBusClient bus, TimeProvider time)
{
    private const int ReceiveAtOnce = 100;
    private const int SendAtOnce = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A backlog: all sent as fast as the queue takes them.</summary>
    public async Task<LoadResult> BacklogAsync(IReadOnlyCollection<byte[]> envelopes, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender("envelopes");
        return await ThroughAsync(envelopes, async (outgoing, sentAt, token) =>
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = SendAtOnce, CancellationToken = token };
            await Parallel.ForEachAsync(outgoing, parallel, async (envelope, cancelled) =>
            {
                sentAt[envelope.Id] = time.GetTimestamp();
                await sender.SendMessageAsync(new ServiceBusMessage(envelope.Wire), cancelled);
            });
        }, cancellationToken);
    }

    /// <summary>A backlog that the queue gets in the order given.</summary>
    public async Task<LoadResult> InOrderAsync(IReadOnlyCollection<byte[]> envelopes, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender("envelopes");
        return await ThroughAsync(envelopes, async (outgoing, sentAt, token) =>
        {
            foreach (var some in outgoing.Chunk(SendAtOnce))
            {
                foreach (var (_, id) in some) sentAt[id] = time.GetTimestamp();
                await sender.SendMessagesAsync(some.Select(static envelope => new ServiceBusMessage(envelope.Wire)), token);
            }
        }, cancellationToken);
    }

    /// <summary>A steady rate: each sent when it is due, whatever became of those before, and timed from then.</summary>
    public async Task<LoadResult> SteadyAsync(IReadOnlyCollection<byte[]> envelopes, int perSecond, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender("envelopes");
        return await ThroughAsync(envelopes, async (outgoing, sentAt, token) =>
        {
            var started = time.GetTimestamp();
            var sends = new List<Task>(outgoing.Count);
            while (sends.Count < outgoing.Count)
            {
                var due = Math.Min(outgoing.Count, (int)(time.GetElapsedTime(started).TotalSeconds * perSecond) + 1);
                while (sends.Count < due)
                {
                    var (wire, id) = outgoing[sends.Count];
                    sentAt[id] = started + sends.Count * time.TimestampFrequency / perSecond;
                    sends.Add(sender.SendMessageAsync(new ServiceBusMessage(wire), token));
                }

                await Task.Delay(TimeSpan.FromMilliseconds(1), time, token);
            }

            await Task.WhenAll(sends);
        }, cancellationToken);
    }

    private async Task<LoadResult> ThroughAsync(
        IReadOnlyCollection<byte[]> envelopes,
        Func<List<(byte[] Wire, string Id)>, ConcurrentDictionary<string, long>, CancellationToken, Task> send,
        CancellationToken cancellationToken)
    {
        await using var receiver = bus.CreateReceiver(
            $"delegation-{BenchNegotiation.Addressee}", "inbox", new ServiceBusReceiverOptions { PrefetchCount = 1_000 });
        using var deadline = new CancellationTokenSource(Patience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);

        // Before the clock starts: only the app is to be measured.
        var outgoing = envelopes.Select(wire => (Wire: wire, Id: MessageId(wire))).ToList();
        var sentAt = new ConcurrentDictionary<string, long>();
        var started = time.GetTimestamp();
        var receiving = ReceiveAsync(receiver, envelopes.Count, sentAt, stop.Token);
        await send(outgoing, sentAt, stop.Token);
        var latencies = await receiving;
        return new LoadResult(envelopes.Count, time.GetElapsedTime(started), latencies);
    }

    /// <summary>The message id on a topic: base64url of the envelope's digest.</summary>
    public static string MessageId(byte[] wire) => Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail)
        ? envelope.Digest.ToString()
        : throw new InvalidOperationException(detail);

    private async Task<List<TimeSpan>> ReceiveAsync(
        ServiceBusReceiver receiver, int count, ConcurrentDictionary<string, long> sentAt, CancellationToken cancellationToken)
    {
        var latencies = new Dictionary<string, TimeSpan>(count);
        while (latencies.Count < count)
        {
            var messages = await receiver.ReceiveMessagesAsync(ReceiveAtOnce, TimeSpan.FromSeconds(5), cancellationToken);
            var arrived = time.GetTimestamp();
            foreach (var message in messages) latencies[message.MessageId] = time.GetElapsedTime(sentAt[message.MessageId], arrived);
            await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message, cancellationToken)));
        }

        return [.. latencies.Values];
    }
}

/// <summary>What became of a load.</summary>
/// <param name="Whole">From the first send to the last arrival.</param>
/// <param name="Latencies">From when each was sent, or due, to its arrival.</param>
internal sealed record LoadResult(int Count, TimeSpan Whole, List<TimeSpan> Latencies)
{
    public double PerSecond => Count / Whole.TotalSeconds;
}
