using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Grpc.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.TestApp;

/// <summary>Service Bus functions; what they do is the message's subject, what they saw is logged.</summary>
public sealed partial class MessageFunctions(ILogger<MessageFunctions> logger)
{
    /// <summary>One message, settled as it says.</summary>
    [Function("Single")]
    public async Task SingleAsync(
        [ServiceBusTrigger("single", Connection = "Bus")] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        int deliveryCount,
        string messageId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        Saw(
            logger,
            $"{messageId} {deliveryCount} {message.LockToken} {message.Body} {message.ApplicationProperties.GetValueOrDefault("p")}");
        var changed = new Dictionary<string, object>
        {
            ["p"] = "changed",
            ["when"] = DateTimeOffset.UnixEpoch,
            ["for"] = TimeSpan.FromSeconds(1),
            ["at"] = new Uri("https://a/b"),
        };
        switch (message.Subject)
        {
            case "complete":
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
            case "abandon" when deliveryCount == 1:
                await actions.AbandonMessageAsync(message, changed, cancellationToken);
                break;
            case "dead-letter":
                await actions.DeadLetterMessageAsync(message, changed, "the reason", "the description", cancellationToken);
                break;
            case "defer":
                await actions.DeferMessageAsync(message, changed, cancellationToken);
                break;
            case "renew":
                await actions.RenewMessageLockAsync(message, cancellationToken);
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
            case "throw" when deliveryCount == 1:
                throw new InvalidTimeZoneException("thrown");
            case "hang" when deliveryCount == 1:
                await HangAsync(cancellationToken);
                break;
            case "stuck" when deliveryCount == 1:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                break;
            case "exit" when deliveryCount == 1:
                Process.GetCurrentProcess().Kill();
                break;
            case "twice":
                await actions.CompleteMessageAsync(message, cancellationToken);
                await FailToSettleAsync(actions, message, cancellationToken);
                break;
            case "stranger":
                await FailToSettleAsync(
                    actions, ServiceBusModelFactory.ServiceBusReceivedMessage(lockTokenGuid: Guid.NewGuid()), cancellationToken);
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
            default:
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
        }
    }

    /// <summary>Left to the host to complete.</summary>
    [Function("Auto")]
    public void Auto([ServiceBusTrigger("auto", Connection = "Bus", AutoCompleteMessages = true)] ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Saw(logger, $"auto {message.MessageId}");
        if (message.Subject == "throw" && message.DeliveryCount == 1) throw new InvalidTimeZoneException("thrown");
    }

    /// <summary>A batch; each message is settled as it says, or left.</summary>
    [Function("Batch")]
    public async Task BatchAsync(
        [ServiceBusTrigger("batch", Connection = "Bus", IsBatched = true, AutoCompleteMessages = true)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        string[] messageIdArray,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(actions);
        Saw(logger, $"batch {string.Join(',', messages.Select(message => message.MessageId))} {string.Join(',', messageIdArray ?? [])}");
        foreach (var message in messages)
        {
            if (message.Subject == "dead-letter")
            {
                await actions.DeadLetterMessageAsync(message, deadLetterReason: "the reason", cancellationToken: cancellationToken);
            }
            if (message.Subject == "abandon" && message.DeliveryCount == 1)
            {
                await actions.AbandonMessageAsync(message, cancellationToken: cancellationToken);
            }
        }

        if (messages.Any(message => message.Subject == "throw" && message.DeliveryCount == 1)) throw new InvalidTimeZoneException("thrown");
    }

    /// <summary>Of sessions; counts in the session's state.</summary>
    [Function("Sessions")]
    public async Task SessionsAsync(
        [ServiceBusTrigger("sessions", Connection = "Bus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        ServiceBusSessionMessageActions session,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(session);
        var state = await session.GetSessionStateAsync(cancellationToken);
        await session.SetSessionStateAsync(new BinaryData($"{state}{message.Body}"), cancellationToken);
        await session.RenewSessionLockAsync(cancellationToken);
        await actions.CompleteMessageAsync(message, cancellationToken);
        Saw(logger, $"session {message.SessionId} {message.Body} {state}");
        await session.ReleaseSession(cancellationToken);
    }

    /// <summary>Batches of sessions.</summary>
    [Function("SessionBatch")]
    public void SessionBatch(
        [ServiceBusTrigger("session-batch", Connection = "Bus", IsSessionsEnabled = true, IsBatched = true, AutoCompleteMessages = true)]
        ServiceBusReceivedMessage[] messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (var message in messages) Saw(logger, $"session batch {message.SessionId} {message.MessageId}");
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        Saw(logger, "hangs");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private async Task FailToSettleAsync(
        ServiceBusMessageActions actions, ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await actions.CompleteMessageAsync(message, cancellationToken);
            Saw(logger, "settled");
        }
        catch (RpcException exception)
        {
            Saw(logger, $"refused {exception.StatusCode} {exception.Status.Detail.Contains(message.LockToken, StringComparison.Ordinal)}");
        }
    }

    [LoggerMessage(51, LogLevel.Information, "{Text}")]
    private static partial void Saw(ILogger logger, string text);
}
