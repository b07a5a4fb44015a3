using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Diagnostics;
using Relay.Core.Forwarding;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>Step 7: does with a message what its ruling asks for.</summary>
/// <remarks>
/// A scheduled copy is durable before the original is completed: a fault
/// in between leaves two, never none. Settlement runs on a deadline of
/// its own, because the invocation's token is already cancelled when the host stops and the work is done.
/// </remarks>
public sealed class EnvelopeSettler(SettlementPolicy policy, IEnvelopeQueue queues, RelayTelemetry telemetry, TimeProvider time)
{
    // Service Bus takes 4,096 characters each for reason and description.
    private const int MaxDescription = 4_096;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <returns>The ruling that stands: the one given, the expiry that overtook it,
    /// or <see cref="Verdict.QueueUnavailable"/> when nothing was settled.</returns>
    public async Task<Ruling> SettleAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Lane queue,
        Ruling ruling,
        ReadOnlyMemory<byte> body,
        string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        using var deadline = new CancellationTokenSource(Timeout, time);
        var plan = policy.Plan(
            ruling, SettlementPolicy.ReadAttempt(message.ApplicationProperties.GetValueOrDefault(SettlementPolicy.AttemptProperty)));
        return plan.Settlement switch
        {
            SettlementAction.Complete => await CompleteAsync(message, actions, plan.Ruling, deadline.Token),
            SettlementAction.DeadLetter => await DeadLetterAsync(message, actions, plan.Ruling, deadline.Token),
            SettlementAction.Retry or SettlementAction.Postpone => await ReplaceAsync(
                message,
                actions,
                plan.Ruling,
                new QueuedEnvelope(body, queue) { Attempt = plan.CopyAttempt, DueAt = plan.CopyAt, TraceParent = traceParent },
                deadline.Token),
            SettlementAction.Throw => plan.Ruling,
        };
    }

    private static async Task<Ruling> CompleteAsync(
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, Ruling ruling, CancellationToken cancellationToken)
    {
        await actions.CompleteMessageAsync(message, cancellationToken);
        return ruling;
    }

    private static async Task<Ruling> DeadLetterAsync(
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, Ruling ruling, CancellationToken cancellationToken)
    {
        await actions.DeadLetterMessageAsync(
            message,
            deadLetterReason: ruling.Reason,
            deadLetterErrorDescription: Cut(ruling.Description),
            cancellationToken: cancellationToken);
        return ruling;
    }

    private async Task<Ruling> ReplaceAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Ruling ruling,
        QueuedEnvelope copy,
        CancellationToken cancellationToken)
    {
        // Refused for good is no more than unavailable here: what came off this queue is
        // too large for it only where an operator has set the limit above the bus tier's.
        if (await queues.EnqueueAsync(copy, cancellationToken) != SendOutcome.Accepted) return NotSettled(ruling);
        telemetry.CopyScheduled(ruling.Verdict);
        return await CompleteAsync(message, actions, ruling, cancellationToken);
    }

    private static Ruling NotSettled(Ruling ruling) => ruling with
    {
        Verdict = Verdict.QueueUnavailable,
        Reason = ReasonCodes.QueueUnavailable,
        Description = $"expected the queue to take a copy for later, it cannot; the copy was due to {ruling.Reason}: {ruling.Description}",
    };

    private static string Cut(string description) => description.Length <= MaxDescription ? description : description[..MaxDescription];
}
