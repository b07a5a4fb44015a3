using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Azure.Bus;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions;

/// <summary>Takes envelopes off the urgent lane's queue; a function of its own so that it scales, and waits, on its own.</summary>
public sealed class RelayUrgentEnvelope(EnvelopeProcessor processor)
{
    [Function(nameof(RelayUrgentEnvelope))]
    public Task RunAsync(
        [ServiceBusTrigger(
            BusEntities.UrgentEnvelopesQueue, Connection = ServiceBusOptions.SectionName, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        processor.ProcessAsync(messages, actions, Lane.Urgent, cancellationToken);
}
