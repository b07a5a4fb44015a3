using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Tests;

/// <summary>A Service Bus client that writes down what is asked of it.</summary>
internal sealed class FakeBus : ServiceBusClient
{
    public Queue<byte[]> Inbox { get; } = new();

    /// <summary>Receipts for <see cref="Inbox"/>, one each from the first on; those that come without get no property.</summary>
    public Queue<string> Receipts { get; } = new();

    /// <summary>Application properties of all that arrives, beside receipts.</summary>
    public Dictionary<string, object> InboxProperties { get; set; } = [];

    /// <summary>Called when the inbox is empty, with how long the receiver would wait.</summary>
    public Action<TimeSpan>? Waits { get; set; }

    public List<string> Calls { get; } = [];

    public List<ServiceBusMessage> Sent { get; } = [];

    public override ServiceBusSender CreateSender(string queueOrTopicName) => new Sender(this, queueOrTopicName);

    public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        new Receiver(this, $"{topicName}/{subscriptionName}");

    private sealed class Sender(FakeBus bus, string entity) : ServiceBusSender
    {
        public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
        {
            bus.Calls.Add($"send {entity}");
            bus.Sent.Add(message);
            return Task.CompletedTask;
        }

#pragma warning disable CA2215 // The base closes a link, and this one never had any.
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
#pragma warning restore CA2215
    }

    private sealed class Receiver(FakeBus bus, string entity) : ServiceBusReceiver
    {
        public override Task<ServiceBusReceivedMessage> ReceiveMessageAsync(
            TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
        {
            bus.Calls.Add($"receive {entity}");
            if (!bus.Inbox.TryDequeue(out var body))
            {
                bus.Waits?.Invoke(maxWaitTime!.Value);
                return Task.FromResult<ServiceBusReceivedMessage>(null!);
            }

            var properties = new Dictionary<string, object>(bus.InboxProperties);
            if (bus.Receipts.TryDequeue(out var receipt)) properties[ForwardedProperties.Receipt] = receipt;
            return Task.FromResult(
                ServiceBusModelFactory.ServiceBusReceivedMessage(BinaryData.FromBytes(body), properties: properties, deliveryCount: 1));
        }

        public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
            Note("renew");

        public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
            Note("complete");

        public override Task AbandonMessageAsync(
            ServiceBusReceivedMessage message,
            IDictionary<string, object>? propertiesToModify = null,
            CancellationToken cancellationToken = default) =>
            Note("abandon");

        public override Task DeadLetterMessageAsync(
            ServiceBusReceivedMessage message,
            string deadLetterReason,
            string? deadLetterErrorDescription = null,
            CancellationToken cancellationToken = default) =>
            Note($"dead-letter {deadLetterReason}: {deadLetterErrorDescription}");

#pragma warning disable CA2215 // The base closes a link, and this one never had any.
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
#pragma warning restore CA2215

        private Task Note(string call)
        {
            bus.Calls.Add(call);
            return Task.CompletedTask;
        }
    }
}
