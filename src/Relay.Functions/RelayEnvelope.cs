using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Azure.Bus;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions;

/// <summary>Takes envelopes off the normal lane's queue.</summary>
public sealed class RelayEnvelope(EnvelopeProcessor processor)
{
    [Function(nameof(RelayEnvelope))]
    public Task RunAsync(
        [ServiceBusTrigger(BusEntities.EnvelopesQueue, Connection = ServiceBusOptions.SectionName, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        processor.ProcessAsync(message, actions, Lane.Normal, cancellationToken);
}
