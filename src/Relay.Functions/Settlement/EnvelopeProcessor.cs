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
/// What is done with one message: hand the envelope to the pipeline, settle by its ruling, note the outcome. Never throws on a
/// message's account, since the throw would be its whole batch's.
/// </summary>
/// <remarks>
/// What does not end with what its ruling asks for: a message whose lock runs out is left to it; one that the host's stop
/// interrupts, that the bus takes no copy of, or that meets a fault of ours, is given back at once. Each of them comes again.
/// </remarks>
public sealed class EnvelopeProcessor(
    RelayPipeline pipeline,
    EnvelopeSettler settler,
    RelayTelemetry telemetry,
    WorkProgress progress,
    TimeProvider time,
    ILogger<EnvelopeProcessor> logger)
{
    /// <summary>
    /// Longest way of an envelope: 10 s, after which it is scheduled anew. The host takes the next batch when the last message of this
    /// one is done, so an envelope that waits for a slow vault or store would hold up all the others.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Of a message that came too late to be begun. The settler leaves it, as it does whatever has lost its lock.
    private static readonly Ruling Unfinished =
        new(Verdict.Unfinished, ReasonCodes.Unfinished, "expected a message whose lock lasts, got one whose lock ends");

    /// <param name="message">As received.</param>
    /// <param name="actions">Settles it.</param>
    /// <param name="queue">The queue it came off.</param>
    /// <param name="gathering">What it came with.</param>
    /// <param name="cancellationToken">The host is stopping: what is not done is given back, what is done is still completed.</param>
    public async Task ProcessAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Lane queue,
        CommitGathering gathering,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        var startedAt = time.GetTimestamp();
        var held = new MessageLock(message, time);
        var inbound = TraceParent.Read(message.ApplicationProperties);
        using var activity = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, inbound);
        var traceParent = TraceParent.Current(inbound);
        progress.Begin();
        try
        {
            var (ruling, body) = await RuleAsync(message, held, traceParent, gathering, cancellationToken);
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

        var left = held.Left;
        if (left <= TimeSpan.Zero) return (Unfinished, body);
        var within = left < Patience ? left : Patience;
        return (await pipeline.RelayAsync(body, traceParent, within, gathering, cancellationToken), body);
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
