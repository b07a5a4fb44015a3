using Azure.Messaging.ServiceBus;

namespace Relay.Client.Delegations;

/// <summary>Receives from a delegation's topic and inspects what comes. One loop at a time; owns its receiver, not the client.</summary>
public sealed class DelegationInbox : IAsyncDisposable
{
    private readonly EnvelopeInspector _inspector;
    private readonly ServiceBusReceiver _receiver;

    /// <summary>Receives from subscription <c>inbox</c> of the delegation's topic, by peek-lock.</summary>
    public DelegationInbox(ServiceBusClient client, EnvelopeInspector inspector)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(inspector);
        _inspector = inspector;
        _receiver = client.CreateReceiver(inspector.Topic, RelayEntities.InboxSubscription);
    }

    /// <summary>Waits for one message and inspects it.</summary>
    /// <param name="maxWait">Longest wait for a message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message, locked; null when none came.</returns>
    /// <exception cref="ServiceBusException">The bus was not reached, or there is no such topic.</exception>
    public async Task<InboxMessage?> ReceiveAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var message = await _receiver.ReceiveMessageAsync(maxWait, cancellationToken).ConfigureAwait(false);
        if (message is null) return null;
        var result = TryBody(message, out var wire)
            ? await _inspector.InspectAsync(wire, cancellationToken).ConfigureAwait(false)
            : new InboxResult { Fault = InboxFault.NotAnEnvelope, Detail = "expected a body of bytes, got an AMQP value or sequence" };
        return new InboxMessage(_receiver, message, result);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    private static bool TryBody(ServiceBusReceivedMessage message, out ReadOnlyMemory<byte> wire)
    {
        try
        {
            wire = message.Body.ToMemory();
            return true;
        }
        catch (NotSupportedException)
        {
            // The library's only way to say that the body is not binary.
            wire = default;
            return false;
        }
    }
}
