using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Relay.Core;
using Relay.Core.Diagnostics;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Functions.Diagnostics;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>
/// What both queue functions do with what the host brings. Of each message, by itself: hand the envelope to the pipeline, settle by its
/// ruling, note the outcome; of all at once, so that envelopes of one negotiation share its commits.
/// </summary>
/// <remarks>
/// A message never fails its neighbours, because nothing is thrown on its account: a throw would have the host abandon whatever of the
/// batch is not settled yet.
/// <para>What does not end with what its ruling asks for: a message whose lock runs out is left to it; one that the host's stop
/// interrupts, that the bus takes no copy of, or that meets a fault of ours, is given back at once. Each of them comes again.</para>
/// <para>What meets a dependency's trouble is <see cref="Parking">parked</see> before anything is settled.</para>
/// </remarks>
public sealed class EnvelopeProcessor(
    RelayPipeline pipeline,
    EnvelopeSettler settler,
    Parking parking,
    RelayTelemetry telemetry,
    WorkProgress progress,
    TimeProvider time,
    ServiceClock clock,
    ILogger<EnvelopeProcessor> logger)
{
    /// <summary>
    /// Longest way of an envelope: 12 s, after which it is scheduled anew. The host takes the next batch when the last message of this
    /// one is done, so an envelope that waits for a slow vault or store would hold up all the others. It is longer than the 10 s for which
    /// the bus's client holds back whatever it is to send once the service has said that it is busy: what it sends then needs no copy.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    // As many as a commit takes; host.json asks for fewer, but that can be overridden by a setting.
    private const int MostAtOnce = 256;

    // Of a message that came too late to be begun. The settler leaves it, as it does whatever has lost its lock.
    private static readonly Ruling Unfinished =
        new(Verdict.Unfinished, ReasonCodes.Unfinished, "expected a message whose lock lasts, got one whose lock ends");

    /// <param name="messages">As received; none of them is settled yet. Begun in this order, which is mostly that of the senders.</param>
    /// <param name="actions">Settles them.</param>
    /// <param name="queue">The queue they came off.</param>
    /// <param name="cancellationToken">The host is stopping: what is not done is given back, what is done is still completed.</param>
    /// <returns>Done once each message is settled, or left to its lock.</returns>
    public async Task ProcessAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages,
        ServiceBusMessageActions actions,
        Lane queue,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(actions);
        foreach (var some in messages.Chunk(MostAtOnce))
        {
            await Task.WhenAll(Begin(some, actions, queue, cancellationToken));
        }
    }

    // As far as each gets without waiting, mostly to the commit, which they then do together.
    private List<Task> Begin(
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, Lane queue, CancellationToken cancellationToken)
    {
        using var gathering = new CommitGathering();
        return [.. messages.Select(message => ProcessAsync(message, actions, queue, gathering, cancellationToken))];
    }

    private async Task ProcessAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Lane queue,
        CommitGathering gathering,
        CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        // Else what comes due as all clocks are set on would be found early by the reading of before, and wait for as long once more.
        clock.ObserveAtLeast(message.EnqueuedTime);
        var held = new MessageLock(message, time, clock.Ahead);
        var inbound = TraceParent.Read(message.ApplicationProperties);
        using var activity = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, inbound);
        var traceParent = TraceParent.Current(inbound);
        progress.Begin();
        try
        {
            var (ruling, body) = await RuleAsync(message, held, startedAt, traceParent, gathering, cancellationToken);
            ruling = await settler.SettleAsync(message, actions, queue, held, ruling, body, traceParent);
            telemetry.Ruled(ruling, queue, startedAt);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            FunctionsLog.Interrupted(logger, queue, message.SequenceNumber);
            await settler.GiveBackAsync(message, actions, queue, held);
        }
#pragma warning disable CA1031 // A throw would be the whole batch's. The trigger's only catch-all, and it logs.
        catch (Exception e)
#pragma warning restore CA1031
        {
            FunctionsLog.MessageFailed(logger, queue, message.SequenceNumber, e);
            await settler.GiveBackAsync(message, actions, queue, held);
        }
        finally
        {
            progress.End();
        }
    }

    private async Task<(Ruling Ruling, ReadOnlyMemory<byte> Body)> RuleAsync(
        ServiceBusReceivedMessage message,
        MessageLock held,
        long receivedAt,
        string? traceParent,
        CommitGathering gathering,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!TryGetBody(message, out var body))
        {
            const string Expected = "expected a message body of AMQP data, got a value or a sequence";
            return (new Ruling(Verdict.Malformed, ReasonCodes.NotDataBody, Expected), body);
        }

        var attempt = EnvelopeSettler.AttemptOf(message);
        CommitGathering? together = gathering;
        for (var turn = 0; ; turn++)
        {
            var left = held.Left;
            if (left <= TimeSpan.Zero) return (Unfinished, body);
            var within = left < Patience ? left : Patience;
            var ruling = await pipeline.RelayAsync(body, traceParent, within, together, cancellationToken);
            if (!await parking.WaitAsync(ruling, attempt, turn, receivedAt, held, cancellationToken)) return (ruling, body);

            // What it came with is over, or waits like it.
            together = null;
        }
    }

    private static bool TryGetBody(ServiceBusReceivedMessage message, out ReadOnlyMemory<byte> body)
    {
        try
        {
            body = message.Body.ToMemory();
            return true;
        }
        catch (NotSupportedException)
        {
            // The client's only way to say that the body is an AMQP value or sequence, which any producer can send.
            body = default;
            return false;
        }
    }
}
