using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Checker;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Cli.Demo;

/// <summary>Performs a script against a running relay: sends everything, watches every outcome, compares.</summary>
/// <param name="front">
/// Posts what must be refused to the relay, which says why in its answer; null to
/// send that to the queue and read why from the dead letters, which takes a right
/// that nobody has in a deployed relay.
/// </param>
/// <param name="answers">What recipients say of what they opened.</param>
/// <param name="secrecy">Keys that are used once; null when none are.</param>
internal sealed class DemoRun(
    Cast cast,
    DemoScript script,
    ServiceBusClient bus,
    HostileFront? front,
    DemoAnswers answers,
    DemoSecrecy? secrecy,
    TimeProvider time)
{
    private const int SendersAtOnce = 32;
    private const int MessagesAtOnce = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    // A deployed relay may have to start first, from nothing.
    private static readonly TimeSpan RemotePatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly string[] Queues = ["envelopes", "envelopes-urgent"];

    // Filled by the loops below, one writer each key.
    private readonly ConcurrentDictionary<EnvelopeId, long> _sent = new();
    private readonly ConcurrentDictionary<EnvelopeId, TimeSpan> _latencies = new();
    private readonly ConcurrentDictionary<EnvelopeId, long> _entries = new();
    private readonly ConcurrentDictionary<string, Refusal> _refused = new();
    // A retry of the relay is a new message with the same body, so the body says which envelope was refused.
    private readonly Dictionary<Digest, HostileEnvelope> _hostile = script.Refused.ToDictionary(hostile => Digest.Of(hostile.Wire));
    private readonly ConcurrentQueue<string> _wrong = new();
    private long _lastArrival;
    private volatile bool _heardOnce;

    /// <summary>Against a relay whose dead letters may be read.</summary>
    public DemoRun(
        Cast cast, DemoScript script, ServiceBusClient bus, DemoAnswers answers, DemoSecrecy? secrecy, TimeProvider time)
        : this(cast, script, bus, null, answers, secrecy, time)
    {
    }

    public async Task<DemoTally> PerformAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(front is null ? Patience : RemotePatience, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var watching = cast.Document.Delegations.Keys.Select(name => WatchTopicAsync(name, stop.Token))
            .Concat(front is null ? Queues.Select(queue => WatchDeadLettersAsync(queue, stop.Token)) : []).ToList();
        var started = time.GetTimestamp();
        var held = false;
        var duration = TimeSpan.Zero;
        IReadOnlyList<AcknowledgementReceipt> said = [];
        string? shown = null;
        try
        {
            await SendAllAsync(stop.Token);
            await WaitUntilAsync(
                () => script.Good.All(envelope => script.Finale.Has(envelope) || _latencies.ContainsKey(envelope.Id)),
                watching,
                stop.Token);
            duration = time.GetElapsedTime(started, Interlocked.Read(ref _lastArrival));
            held = await SendFinaleAsync(watching, stop.Token);
            await WaitUntilAsync(() => _latencies.Count >= script.Good.Count && _refused.Count >= _hostile.Count, watching, stop.Token);
            said = await answers.SayAsync(_wrong.Enqueue, stop.Token);
            shown = await ShowSecrecyAsync(watching, stop.Token);
            // So that what should not come has time to.
            await Task.Delay(10 * Tick, time, stop.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Patience is over; the comparison says what is missing.
        }

        await stop.CancelAsync();
        await Task.WhenAll(watching);
        cancellationToken.ThrowIfCancellationRequested();
        var ledger = await cast.CheckLedgerAsync(cancellationToken);
        Compare(ledger, said.Count);
        return new DemoTally
        {
            Forwarded = _latencies.Count,
            Refusals = _refused,
            Ledger = ledger,
            Held = held,
            Said = said,
            Secrecy = shown,
            Latencies =
            [
                .. script.Good.Where(envelope => !script.Finale.Has(envelope))
                    .Select(envelope => _latencies.GetValueOrDefault(envelope.Id))
                    .Where(latency => latency > TimeSpan.Zero),
            ],
            Duration = duration,
            Wrong = [.. _wrong],
        };
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await using var normal = bus.CreateSender(Queues[0]);
        await using var urgent = bus.CreateSender(Queues[1]);
        var hostileEvery = Math.Max(1, script.Good.Count / (script.Hostile.Count + 1));
        var options = new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce, CancellationToken = cancellationToken };
        var numbered = script.Good.Where(envelope => !script.Finale.Has(envelope)).Select((envelope, index) => (envelope, index));
        await Parallel.ForEachAsync(numbered, options, async (item, token) =>
        {
            // The bad are spread among the good, so that each has good neighbours.
            if (item.index % hostileEvery == 0 && item.index / hostileEvery < script.Hostile.Count)
            {
                var index = item.index / hostileEvery;
                await SendAsync(normal, script.Hostile[index], token);
            }

            await SendAsync(item.envelope.Lane == Lane.Urgent ? urgent : normal, item.envelope, token);
        });
    }

    // Returns whether the one that was sent before its turn had to wait.
    private async Task<bool> SendFinaleAsync(List<Task> watching, CancellationToken cancellationToken)
    {
        var (finale, normal, urgent) = (script.Finale, bus.CreateSender(Queues[0]), bus.CreateSender(Queues[1]));
        await using (normal)
        await using (urgent)
        {
            foreach (var again in finale.Twice) await SendAsync(again.Lane == Lane.Urgent ? urgent : normal, again, cancellationToken);
            if (finale.Twin is { } twin) await SendAsync(normal, twin, cancellationToken);
            await SendAsync(normal, finale.Early, cancellationToken);
            await SendAsync(normal, finale.Marker, cancellationToken);
            await WaitUntilAsync(() => _latencies.ContainsKey(finale.Marker.Id), watching, cancellationToken);
            var held = !_latencies.ContainsKey(finale.Early.Id);
            if (!held) _wrong.Enqueue($"{finale.Early.Id} was forwarded before {finale.Gap.Id} came.");
            await SendAsync(normal, finale.Gap, cancellationToken);
            return held;
        }
    }

    // After all else, so that the burst is what it was without it.
    private async Task<string?> ShowSecrecyAsync(List<Task> watching, CancellationToken cancellationToken)
    {
        if (secrecy is null) return null;
        var before = script.Good.Last(envelope => envelope is { Id.Sender: DemoSecrecy.Sender, Lane: Lane.Urgent });
        if (await secrecy.SealAsync(before, _wrong.Enqueue, cancellationToken) is not { } envelope) return null;
        await using var urgent = bus.CreateSender(Queues[1]);
        await SendAsync(urgent, envelope, cancellationToken);
        await WaitUntilAsync(() => _heardOnce, watching, cancellationToken);
        return await secrecy.ShowAsync(envelope, _wrong.Enqueue, cancellationToken);
    }

    private async Task SendAsync(ServiceBusSender queue, GoodEnvelope envelope, CancellationToken cancellationToken)
    {
        _sent.TryAdd(envelope.Id, time.GetTimestamp());
        await queue.SendMessageAsync(new ServiceBusMessage(envelope.Wire) { ContentType = Envelope.MediaType }, cancellationToken);
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
        // What is prefetched is locked and cannot be given back, so not where somebody else's may be among it.
        var options = new ServiceBusReceiverOptions { PrefetchCount = front is null ? MessagesAtOnce : 0 };
        await using var receiver = bus.CreateReceiver($"delegation-{delegation}", "inbox", options);
        var inspector = cast.InspectorOf(delegation, secrecy?.StoreOf(delegation), time);
        await ForEachMessageAsync(receiver, async message =>
        {
            var arrived = time.GetTimestamp();
            if (front is not null && IsLeftOver(delegation, message)) return;
            var receipt = message.ApplicationProperties.GetValueOrDefault(ForwardedProperties.Receipt) as string;
            var read = await inspector.InspectAsync(message.Body.ToMemory(), receipt, cancellationToken);
            if (read.Statement is not { } statement)
            {
                _wrong.Enqueue($"{delegation} cannot open an envelope: {read.Fault}: {read.Detail}");
            }
            else if (secrecy?.Said is { } once
                && once.Id == statement.Id
                && once.Text == System.Text.Encoding.UTF8.GetString(statement.Body))
            {
                _heardOnce = true;
            }
            else if (!expected.TryGetValue(statement.Id, out var said) || said.Text != System.Text.Encoding.UTF8.GetString(statement.Body))
            {
                _wrong.Enqueue($"{delegation} got {statement.Id}, which nobody said to it, or not like that.");
            }
            else if (_latencies.TryAdd(statement.Id, time.GetElapsedTime(_sent[statement.Id], arrived)))
            {
                answers.Opened(delegation, read.Envelope!.Head);
                if (read.Receipt is { } checkedReceipt) _entries[statement.Id] = checkedReceipt.Proof.Index;
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
        var id = message.ApplicationProperties.TryGetValue(ForwardedProperties.Id, out var value) ? value as string ?? "" : "";
        if (id.StartsWith($"{cast.Document.Negotiation}/", StringComparison.Ordinal)) return false;
        return id.StartsWith(RemoteDemo.NegotiationPrefix, StringComparison.Ordinal)
            ? true
            : throw new CliFault(
                $"The inbox of {delegation} holds {(id.Length == 0 ? "something" : id)}, which is of no demo.",
                "A demo needs a relay that nobody uses: it receives as each delegation.");
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

    private static async Task ForEachMessageAsync(
        ServiceBusReceiver receiver, Func<ServiceBusReceivedMessage, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var messages = await receiver.ReceiveMessagesAsync(MessagesAtOnce, Poll, cancellationToken);
                for (var next = 0; next < messages.Count; next++)
                {
                    try
                    {
                        await act(messages[next]);
                    }
                    catch (CliFault)
                    {
                        // Somebody's: back at once, with what is locked beside it, and not when the locks run out a minute later.
                        foreach (var kept in messages.Skip(next)) await receiver.AbandonMessageAsync(kept, null, cancellationToken);
                        throw;
                    }

                    await receiver.CompleteMessageAsync(messages[next], cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Everything has come, or patience is over; the comparison says which.
        }
    }

    // Until it is so, or a watcher has failed, which the caller then sees.
    private async Task WaitUntilAsync(Func<bool> isSo, List<Task> watching, CancellationToken cancellationToken)
    {
        while (!isSo() && !watching.Exists(watch => watch.IsFaulted)) await Task.Delay(Tick, time, cancellationToken);
    }

    private void Compare(LedgerReport? ledger, int said)
    {
        foreach (var missing in script.Good.Where(envelope => !_latencies.ContainsKey(envelope.Id)))
        {
            _wrong.Enqueue($"{missing.Id} did not reach {missing.Addressee}.");
        }

        foreach (var hostile in script.Refused)
        {
            var expected = front is null ? hostile.Reason : hostile.ReasonTold;
            if (!_refused.TryGetValue(hostile.Name, out var refusal))
            {
                _wrong.Enqueue($"The envelope with '{hostile.Name}' was not refused.");
            }
            else if (refusal.Reason != expected || string.IsNullOrWhiteSpace(refusal.Description))
            {
                _wrong.Enqueue(
                    $"The envelope with '{hostile.Name}' was refused as {refusal.Reason}, not {expected}: {refusal.Description}");
            }
        }

        if (cast.ChecksReceipts
            && _entries.TryGetValue(script.Finale.Gap.Id, out var gap)
            && _entries.TryGetValue(script.Finale.Early.Id, out var early)
            && early <= gap)
        {
            _wrong.Enqueue($"{script.Finale.Early.Id} is entry {early}, before {script.Finale.Gap.Id} at {gap}.");
        }

        if (ledger is null) return;
        foreach (var finding in ledger.Unproved) _wrong.Enqueue($"Not proved of the ledger: {finding}");
        if (ledger.Acknowledgements != said)
        {
            _wrong.Enqueue($"The ledger has {ledger.Acknowledgements} acknowledgements, not the {said} that were made.");
        }
        foreach (var finding in ledger.Findings) _wrong.Enqueue($"The ledger is damaged: {finding}");
        var genuine = script.Good.Count + (secrecy?.Said is null ? 0 : 1);
        if (ledger.Envelopes != genuine)
        {
            _wrong.Enqueue($"The ledger has {ledger.Envelopes} envelopes, not one for each of {genuine}.");
        }
        var contradictions = script.Finale.Twin is null ? 0 : 1;
        if (ledger.Evidence != contradictions) _wrong.Enqueue($"The ledger has {ledger.Evidence} evidence entries, not {contradictions}.");
    }
}
