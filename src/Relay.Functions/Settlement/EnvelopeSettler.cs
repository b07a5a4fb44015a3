using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>Step 7: does with a message what its ruling asks for.</summary>
/// <remarks>
/// A scheduled copy is durable before the original is completed: a fault in between leaves two, never none. Settlement runs on a deadline of
/// its own, because the invocation's token is already cancelled when the host stops and the work is done.
/// </remarks>
public sealed class EnvelopeSettler(SettlementPolicy policy, IEnvelopeQueue queues, RelayTelemetry telemetry, TimeProvider time)
{
    // Service Bus takes 4,096 characters each for reason and description.
    private const int MaxDescription = 4_096;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <returns>The ruling that stands: the one given, the expiry that overtook it, or <see cref="Verdict.QueueUnavailable"/> when nothing was settled.</returns>
    public async Task<Ruling> SettleAsync(
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, Lane queue, Ruling ruling, ReadOnlyMemory<byte> body, string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        using var deadline = new CancellationTokenSource(Timeout, time);
        var plan = policy.Plan(ruling, SettlementPolicy.ReadAttempt(message.ApplicationProperties.GetValueOrDefault(SettlementPolicy.AttemptProperty)));
        switch (plan.Settlement)
        {
            case SettlementAction.Complete:
                await actions.CompleteMessageAsync(message, deadline.Token);
                return plan.Ruling;
            case SettlementAction.DeadLetter:
                await actions.DeadLetterMessageAsync(
                    message,
                    deadLetterReason: plan.Ruling.Reason,
                    deadLetterErrorDescription: Cut(plan.Ruling.Description),
                    cancellationToken: deadline.Token);
                return plan.Ruling;
            case SettlementAction.Retry or SettlementAction.Postpone:
                var copy = new QueuedEnvelope(body, queue) { Attempt = plan.CopyAttempt, DueAt = plan.CopyAt, TraceParent = traceParent };
                if (await queues.EnqueueAsync(copy, deadline.Token) != EnqueueStatus.Accepted) return NotSettled(plan.Ruling);
                telemetry.CopyScheduled(plan.Ruling.Verdict);
                await actions.CompleteMessageAsync(message, deadline.Token);
                return plan.Ruling;
            case SettlementAction.Throw:
                return plan.Ruling;
            default:
                throw new InvalidOperationException($"No such settlement: {plan.Settlement}.");
        }
    }

    private static Ruling NotSettled(Ruling ruling) => ruling with
    {
        Verdict = Verdict.QueueUnavailable,
        Reason = ReasonCodes.QueueUnavailable,
        Description = $"expected the queue to take a copy for later, it cannot; the copy was due to {ruling.Reason}: {ruling.Description}",
    };

    private static string Cut(string description) => description.Length <= MaxDescription ? description : description[..MaxDescription];
}
