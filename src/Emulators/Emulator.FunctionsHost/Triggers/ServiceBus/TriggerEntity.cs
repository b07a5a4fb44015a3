using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.HostJson;
using Emulator.FunctionsHost.Indexing;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>The queue, subscription or dead-letter queue of one trigger, and how it is received from.</summary>
internal sealed class TriggerEntity(ServiceBusClient client, ServiceBusTriggerDescriptor trigger, ServiceBusSettings settings)
{
    public ServiceBusTriggerDescriptor Trigger => trigger;

    private SubQueue SubQueue => trigger.IsDeadLetterQueue ? SubQueue.DeadLetter : SubQueue.None;

    public ServiceBusProcessor CreateProcessor()
    {
        var options = settings.ToProcessorOptions(trigger.AutoCompleteMessages);
        options.SubQueue = SubQueue;
        return trigger.SubscriptionName is null
            ? client.CreateProcessor(trigger.QueueOrTopicName, options)
            : client.CreateProcessor(trigger.QueueOrTopicName, trigger.SubscriptionName, options);
    }

    public ServiceBusSessionProcessor CreateSessionProcessor()
    {
        var options = settings.ToSessionProcessorOptions(trigger.AutoCompleteMessages);
        return trigger.SubscriptionName is null
            ? client.CreateSessionProcessor(trigger.QueueOrTopicName, options)
            : client.CreateSessionProcessor(trigger.QueueOrTopicName, trigger.SubscriptionName, options);
    }

    /// <summary>Of the next session that has messages, where the trigger takes sessions. The caller disposes it.</summary>
    public async Task<ServiceBusReceiver> OpenReceiverAsync(CancellationToken cancellationToken)
    {
        if (trigger.IsSessionsEnabled)
        {
            var options = new ServiceBusSessionReceiverOptions { PrefetchCount = settings.PrefetchCount };
            return trigger.SubscriptionName is null
                ? await client.AcceptNextSessionAsync(trigger.QueueOrTopicName, options, cancellationToken).ConfigureAwait(false)
                : await client.AcceptNextSessionAsync(
                    trigger.QueueOrTopicName, trigger.SubscriptionName, options, cancellationToken).ConfigureAwait(false);
        }

        var plain = new ServiceBusReceiverOptions { PrefetchCount = settings.PrefetchCount, SubQueue = SubQueue };
        return trigger.SubscriptionName is null
            ? client.CreateReceiver(trigger.QueueOrTopicName, plain)
            : client.CreateReceiver(trigger.QueueOrTopicName, trigger.SubscriptionName, plain);
    }
}
