using Azure.Messaging.ServiceBus;
using Relay.Azure.Diagnostics;
using Relay.Core.Health;

namespace Relay.Azure.Bus;

/// <summary>Asks the bus's link how large a message may be: an open link knows it, and one that was cut has to be opened again.</summary>
internal sealed class BusProbe(ServiceBusClient client) : IDependencyProbe, IAsyncDisposable
{
    private readonly ServiceBusSender _sender = client.CreateSender(BusEntities.SignalsTopic);

    public Dependency Dependency => Dependency.Bus;

    public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var batch = await _sender.CreateMessageBatchAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (ServiceFailure.IsOfBus(e))
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();
}
