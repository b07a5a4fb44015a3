using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Protocol.Encoding;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Demo;

/// <summary>Performs a script against a running relay: sends everything, watches every outcome, compares.</summary>
/// <param name="front">
/// Posts what must be refused to the relay, which says why in its answer; null to send that to the queue and read why from the dead letters, which takes a right
/// that nobody has in a deployed relay.
/// </param>
internal sealed class DemoRun(Cast cast, DemoScript script, ServiceBusClient bus, HostileFront? front, TimeProvider time)
{
    /// <summary>Name of a message's property with the id of its envelope.</summary>
    private const string IdProperty = "relay-id";

    private const int SendersAtOnce = 32;
    private const int MessagesAtOnce = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    // A deployed relay may have to start first, from nothing.
    private static readonly TimeSpan RemotePatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly string[] Queues = ["envelopes", "envelopes-urgent"];

    // Filled by the loops below, one writer each key.
    private readonly ConcurrentDictionary<EnvelopeId, long> _sent = new();
    private readonly ConcurrentDictionary<EnvelopeId, TimeSpan> _latencies = new();
    private readonly ConcurrentDictionary<string, Refusal> _refused = new();
    // A retry of the relay is a new message with the same body, so the body says which envelope was refused.
    private readonly Dictionary<Digest, HostileEnvelope> _hostile = script.Hostile.ToDictionary(hostile => Digest.Of(hostile.Wire));
    private readonly ConcurrentQueue<string> _wrong = new();
    private long _lastArrival;

    /// <summary>Against a relay whose dead letters may be read.</summary>
    public DemoRun(Cast cast, DemoScript script, ServiceBusClient bus, TimeProvider time)
        : this(cast, script, bus, null, time)
    {
    }

    public async Task<DemoTally> PerformAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(front is null ? Patience : RemotePatience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var watching = cast.Document.Delegations.Keys.Select(name => WatchTopicAsync(name, stop.Token))
            .Concat(front is null ? Queues.Select(queue => WatchDeadLettersAsync(queue, stop.Token)) : []).ToList();
        var started = time.GetTimestamp();
        await SendAllAsync(stop.Token);
        await WaitUntilSettledAsync(watching, stop);
        await Task.WhenAll(watching);
        cancellationToken.ThrowIfCancellationRequested();
        Compare();
        return new DemoTally
        {
            Forwarded = _latencies.Count,
            Refusals = _refused,
            Latencies = [.. _latencies.Values],
            Duration = _lastArrival == 0 ? TimeSpan.Zero : time.GetElapsedTime(started, _lastArrival),
            Wrong = [.. _wrong],
        };
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await using var normal = bus.CreateSender(Queues[0]);
        await using var urgent = bus.CreateSender(Queues[1]);
        var hostileEvery = Math.Max(1, script.Good.Count / (script.Hostile.Count + 1));
        var options = new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(script.Good.Select((envelope, index) => (envelope, index)), options, async (item, token) =>
        {
            // The bad are spread among the good, so that each has good neighbours.
            if (item.index % hostileEvery == 0 && item.index / hostileEvery < script.Hostile.Count)
            {
                var index = item.index / hostileEvery;
                await SendAsync(normal, script.Hostile[index], token);
            }

            _sent[item.envelope.Id] = time.GetTimestamp();
            var message = new ServiceBusMessage(item.envelope.Wire) { ContentType = Envelope.MediaType };
            await (item.envelope.Lane == Lane.Urgent ? urgent : normal).SendMessageAsync(message, token);
        });
    }

    private async Task SendAsync(ServiceBusSender queue, HostileEnvelope hostile, CancellationToken cancellationToken)
    {
        if (front is null)
        {
            await queue.SendMessageAsync(new ServiceBusMessage(hostile.Wire), cancellationToken);
        }
        else if (await front.SubmitAsync(hostile, cancellationToken) is { } refusal)
        {
            _refused[hostile.Name] = refusal;
        }
        else
        {
            _wrong.Enqueue($"The envelope with '{hostile.Name}' was accepted.");
        }
    }

    private async Task WatchTopicAsync(string delegation, CancellationToken cancellationToken)
    {
        var expected = script.Good.Where(envelope => envelope.Addressee == delegation).ToDictionary(envelope => envelope.Id);
        await using var receiver = bus.CreateReceiver($"delegation-{delegation}", "inbox", new ServiceBusReceiverOptions { PrefetchCount = MessagesAtOnce });
        var inspector = cast.InspectorOf(delegation, time);
        await ForEachMessageAsync(receiver, async message =>
        {
            var arrived = time.GetTimestamp();
            if (front is not null && IsLeftOver(delegation, message)) return;
            var receipt = message.ApplicationProperties.GetValueOrDefault(DelegationInbox.ReceiptProperty) as string;
            var read = await inspector.InspectAsync(message.Body.ToMemory(), receipt, cancellationToken);
            if (read.Statement is not { } statement)
            {
                _wrong.Enqueue($"{delegation} cannot open an envelope: {read.Fault}: {read.Detail}");
            }
            else if (!expected.TryGetValue(statement.Id, out var said) || said.Text != System.Text.Encoding.UTF8.GetString(statement.Body))
            {
                _wrong.Enqueue($"{delegation} got {statement.Id}, which nobody said to it, or not like that.");
            }
            else if (_latencies.TryAdd(statement.Id, time.GetElapsedTime(_sent[statement.Id], arrived)))
            {
                Interlocked.Exchange(ref _lastArrival, Math.Max(arrived, Interlocked.Read(ref _lastArrival)));
            }
            else
            {
                _wrong.Enqueue($"{delegation} got {statement.Id} twice.");
            }
        }, cancellationToken);
    }

    // What an earlier demo did not wait for is taken away; anything else is somebody's and stays.
    private bool IsLeftOver(string delegation, ServiceBusReceivedMessage message)
    {
        var id = message.ApplicationProperties.TryGetValue(IdProperty, out var value) ? value as string ?? "" : "";
        if (id.StartsWith($"{cast.Document.Negotiation}/", StringComparison.Ordinal)) return false;
        return id.StartsWith(RemoteDemo.NegotiationPrefix, StringComparison.Ordinal)
            ? true
            : throw new CliFault($"The inbox of {delegation} holds {(id.Length == 0 ? "something" : id)}, which is of no demo.", "A demo needs a relay that nobody uses: it receives as each delegation.");
    }

    private async Task WatchDeadLettersAsync(string queue, CancellationToken cancellationToken)
    {
        await using var receiver = bus.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        await ForEachMessageAsync(receiver, message =>
        {
            var refusal = new Refusal(message.DeadLetterReason, message.DeadLetterErrorDescription);
            if (!_hostile.TryGetValue(Digest.Of(message.Body.ToMemory().Span), out var hostile))
            {
                _wrong.Enqueue($"A good envelope was refused as {refusal.Reason}: {refusal.Description}");
            }
            else if (!_refused.TryAdd(hostile.Name, refusal))
            {
                _wrong.Enqueue($"The envelope with '{hostile.Name}' was refused twice.");
            }

            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task ForEachMessageAsync(ServiceBusReceiver receiver, Func<ServiceBusReceivedMessage, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                foreach (var message in await receiver.ReceiveMessagesAsync(MessagesAtOnce, Poll, cancellationToken))
                {
                    await act(message);
                    await receiver.CompleteMessageAsync(message, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Everything has come, or patience is over; the comparison says which.
        }
    }

    // Ends the watching a moment after everything expected has come, so that what should not come has time to.
    private async Task WaitUntilSettledAsync(List<Task> watching, CancellationTokenSource stop)
    {
        var tick = TimeSpan.FromMilliseconds(20);
        try
        {
            while ((_latencies.Count < script.Good.Count || _refused.Count < script.Hostile.Count) && !watching.Exists(watch => watch.IsFaulted))
            {
                await Task.Delay(tick, time, stop.Token);
            }

            await Task.Delay(10 * tick, time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // As above.
        }

        await stop.CancelAsync();
    }

    private void Compare()
    {
        foreach (var missing in script.Good.Where(envelope => !_latencies.ContainsKey(envelope.Id)))
        {
            _wrong.Enqueue($"{missing.Id} did not reach {missing.Addressee}.");
        }

        foreach (var hostile in script.Hostile)
        {
            if (!_refused.TryGetValue(hostile.Name, out var refusal))
            {
                _wrong.Enqueue($"The envelope with '{hostile.Name}' was not refused.");
            }
            else if (refusal.Reason != hostile.Reason || string.IsNullOrWhiteSpace(refusal.Description))
            {
                _wrong.Enqueue($"The envelope with '{hostile.Name}' was refused as {refusal.Reason}, not {hostile.Reason}: {refusal.Description}");
            }
        }
    }
}
