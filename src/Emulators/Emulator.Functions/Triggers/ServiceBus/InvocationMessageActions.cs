using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>
/// Settles the message of one invocation through the processor, which thereby knows not to settle it again. Refuses any other
/// message, and its own once the invocation has ended.
/// </summary>
internal sealed class InvocationMessageActions(ProcessMessageEventArgs args) : ServiceBusMessageActions
{
    private volatile bool _ended;

    public void End() => _ended = true;

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, (held, token) => args.CompleteMessageAsync(held, token), cancellationToken);

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        MessageProperties.ThrowIfNotSimple(propertiesToModify);
        return SettleAsync(message, (held, token) => args.AbandonMessageAsync(held, propertiesToModify, token), cancellationToken);
    }

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        MessageProperties.ThrowIfNotSimple(propertiesToModify);
        return SettleAsync(
            message,
            (held, token) => propertiesToModify is null
                ? args.DeadLetterMessageAsync(held, deadLetterReason, deadLetterErrorDescription, token)
                : args.DeadLetterMessageAsync(held, propertiesToModify, deadLetterReason, deadLetterErrorDescription, token),
            cancellationToken);
    }

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        MessageProperties.ThrowIfNotSimple(propertiesToModify);
        return SettleAsync(message, (held, token) => args.DeferMessageAsync(held, propertiesToModify, token), cancellationToken);
    }

    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, (held, token) => args.RenewMessageLockAsync(held, token), cancellationToken);

    private async Task SettleAsync(
        ServiceBusReceivedMessage message, Func<ServiceBusReceivedMessage, CancellationToken, Task> settle, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_ended || message.LockToken != args.Message.LockToken)
        {
            throw SettlementException.NotHeld(message.LockToken);
        }

        try
        {
            await settle(args.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw SettlementException.Refused(exception);
        }
    }
}
