using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Benchmarks.Twin;

/// <summary>A batch an invocation, all of it at once.</summary>
internal sealed class TwinBatch(TwinWork work)
{
    [Function(nameof(TwinBatch))]
    public Task RunAsync(
        [ServiceBusTrigger("envelopes", Connection = "ServiceBus", IsBatched = true, AutoCompleteMessages = false)]
        ServiceBusReceivedMessage[] messages,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Select(message => work.RelayAsync(message, actions, cancellationToken)));
}
