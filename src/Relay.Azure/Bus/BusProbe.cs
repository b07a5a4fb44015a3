using Azure.Messaging.ServiceBus;
using Relay.Azure.Diagnostics;
using Relay.Core.Health;

namespace Relay.Azure.Bus;

/// <summary>
/// Asks the bus to cancel a scheduled message that nobody has scheduled: it has to look, changes nothing, and answers that there is none.
/// </summary>
/// <remarks>
/// What the client remembers of a link, such as how large a message may be, it says of a bus that is gone, too. A sender whose call failed
/// is put away: it keeps its link, and waits 10 s before each call after the bus has said that it is busy.
/// </remarks>
internal sealed class BusProbe(ServiceBusClient client) : IDependencyProbe, IAsyncDisposable
{
    // Sequence numbers begin with 1.
    private const long Nothing = 0;

    private ServiceBusSender _sender = client.CreateSender(BusEntities.SignalsTopic);

    public Dependency Dependency => Dependency.Bus;

    public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        var sender = Volatile.Read(ref _sender);
        try
        {
            await sender.CancelScheduledMessageAsync(Nothing, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageNotFound)
        {
            return true;
        }
        catch (Exception e) when (ServiceFailure.IsOfBus(e))
        {
            PutAway(sender);
            return false;
        }
        catch (OperationCanceledException)
        {
            PutAway(sender);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    // Not waited for: closing a link takes as long as the bus that is to answer.
    private void PutAway(ServiceBusSender sender)
    {
        var next = client.CreateSender(BusEntities.SignalsTopic);
        var isNext = Interlocked.CompareExchange(ref _sender, next, sender) == sender;
        _ = CloseAsync(isNext ? sender : next);
    }

    private static async Task CloseAsync(ServiceBusSender sender)
    {
        try
        {
            await sender.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (ServiceFailure.IsOfBus(e) || e is OperationCanceledException)
        {
            // Gone is what it was to be.
        }
    }
}
