using Azure.Messaging.ServiceBus;
using Grpc.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Functions.Diagnostics;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>Step 7: does with a message what its ruling asks for, at most once, while its lock lasts.</summary>
/// <remarks>
/// A scheduled copy is durable before the original is completed: a fault
/// in between leaves two, never none. Settlement runs on a deadline of
/// its own, because the invocation's token is already cancelled when the host stops and the work is done.
/// A settlement that fails is not tried in another way: nobody knows what became of it, and the lock's end tells.
/// </remarks>
public sealed class EnvelopeSettler(
    SettlementPolicy policy,
    IEnvelopeQueue queues,
    RelayTelemetry telemetry,
    WorkProgress progress,
    TimeProvider time,
    ILogger<EnvelopeSettler> logger)
{
    // Service Bus takes 4,096 characters each for reason and description.
    private const int MaxDescription = 4_096;

    private const int MaxProblem = 200;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>How many copies of it there were before this message.</summary>
    internal static int AttemptOf(ServiceBusReceivedMessage message) =>
        SettlementPolicy.ReadAttempt(message.ApplicationProperties.GetValueOrDefault(SettlementPolicy.AttemptProperty));

    /// <returns>The ruling that stands: the one given, the expiry that overtook it,
    /// or <see cref="Verdict.QueueUnavailable"/> when the message went back to its queue.</returns>
    public async Task<Ruling> SettleAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Lane queue,
        MessageLock held,
        Ruling ruling,
        ReadOnlyMemory<byte> body,
        string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        var plan = policy.Plan(ruling, AttemptOf(message), message.EnqueuedTime);
        if (!IsHeld(held, message, queue)) return plan.Ruling;
        using var deadline = new CancellationTokenSource(Timeout, time);
        var copy = new QueuedEnvelope(body, queue) { Attempt = plan.CopyAttempt, DueAt = plan.CopyAt, TraceParent = traceParent };
        if (plan.Settlement is SettlementAction.Retry or SettlementAction.Postpone && !await TryCopyAsync(plan, copy, deadline.Token))
        {
            plan = new SettlementPlan(SettlementAction.Abandon, NotCopied(plan.Ruling), null, 0);
        }

        await ApplyAsync(message, actions, queue, plan, deadline.Token);
        progress.Settled(plan);
        return plan.Ruling;
    }

    /// <summary>Gives a message back to its queue, to be delivered again at once.</summary>
    public async Task GiveBackAsync(ServiceBusReceivedMessage message, ServiceBusMessageActions actions, Lane queue, MessageLock held)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        if (!IsHeld(held, message, queue)) return;
        using var deadline = new CancellationTokenSource(Timeout, time);
        await TryAsync(message, queue, SettlementAction.Abandon, actions.AbandonMessageAsync(message, null, deadline.Token));
    }

    private Task ApplyAsync(
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        Lane queue,
        SettlementPlan plan,
        CancellationToken cancellationToken)
    {
        var settling = plan.Settlement switch
        {
            SettlementAction.Complete or SettlementAction.Retry or SettlementAction.Postpone =>
                actions.CompleteMessageAsync(message, cancellationToken),
            SettlementAction.DeadLetter => actions.DeadLetterMessageAsync(
                message,
                deadLetterReason: plan.Ruling.Reason,
                deadLetterErrorDescription: Cut(plan.Ruling.Description, MaxDescription),
                cancellationToken: cancellationToken),
            SettlementAction.Abandon => actions.AbandonMessageAsync(message, null, cancellationToken),
        };
        return TryAsync(message, queue, plan.Settlement, settling);
    }

    private async Task<bool> TryCopyAsync(SettlementPlan plan, QueuedEnvelope copy, CancellationToken cancellationToken)
    {
        // Refused for good is no more than unavailable here: what came off this queue is
        // too large for it only where an operator has set the limit above the bus tier's.
        if (await queues.EnqueueAsync(copy, cancellationToken) != SendOutcome.Accepted) return false;
        telemetry.CopyScheduled(plan.Ruling.Verdict, plan.CopyAttempt);
        return true;
    }

    private async Task TryAsync(ServiceBusReceivedMessage message, Lane queue, SettlementAction settlement, Task settling)
    {
        try
        {
            await settling;
        }
        catch (RpcException e)
        {
            // The host's word for whatever the bus client throws, a lost lock above all: its text is the whole exception's.
            FunctionsLog.NotSettled(logger, queue, message.SequenceNumber, settlement, $"{e.StatusCode}: {FirstLine(e.Status.Detail)}");
        }
        catch (OperationCanceledException)
        {
            FunctionsLog.NotSettled(logger, queue, message.SequenceNumber, settlement, $"no answer within {Timeout}");
        }
    }

    private bool IsHeld(MessageLock held, ServiceBusReceivedMessage message, Lane queue)
    {
        if (held.IsHeld) return true;
        FunctionsLog.LockRanOut(logger, queue, message.SequenceNumber, message.LockedUntil, time.GetUtcNow());
        return false;
    }

    private static Ruling NotCopied(Ruling ruling) => ruling with
    {
        Verdict = Verdict.QueueUnavailable,
        Reason = ReasonCodes.QueueUnavailable,
        Description = $"expected the queue to take a copy for later, it cannot; the copy was due to {ruling.Reason}: {ruling.Description}",
    };

    private static string FirstLine(string text) => Cut(text.Split('\n', 2)[0].TrimEnd(), MaxProblem);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
