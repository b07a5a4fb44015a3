using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Azure.Bus;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions;

/// <summary>Takes envelopes off the normal lane's queue, as many at once as are there.</summary>
public sealed class RelayEnvelope(EnvelopeProcessor processor)
{
    [Function(nameof(RelayEnvelope))]
    public Task RunAsync(
        [ServiceBusTrigger(
            BusEntities.EnvelopesQueue, Connection = ServiceBusOptions.SectionName, IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        processor.ProcessAsync(messages, actions, Lane.Normal, cancellationToken);
}
