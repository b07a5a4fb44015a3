using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Benchmarks.Twin;

/// <summary>One message an invocation. One of the two functions is disabled by a setting.</summary>
internal sealed class TwinEnvelope(TwinWork work)
{
    [Function(nameof(TwinEnvelope))]
    public Task RunAsync(
        [ServiceBusTrigger("envelopes", Connection = "ServiceBus", AutoCompleteMessages = false)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        work.RelayAsync(message, actions, cancellationToken);
}
