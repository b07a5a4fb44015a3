using Relay.Amqp.Client;
using Relay.Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Receiving from one entity: its link and its management node, both opened when first wanted, under the client's retry policy.</summary>
internal sealed class EntityReceiver : IAsyncDisposable
{
    private readonly ConnectionScope _scope;
    private readonly string _entityPath;
    private readonly ServiceBusReceiveMode _mode;
    private readonly LinkSlot<ReceiveLink> _link;
    private readonly ManagementClient _management;
    private long _lastPeeked;

    public EntityReceiver(ConnectionScope scope, string entityPath, string identifier, ServiceBusReceiveMode mode, uint prefetch)
    {
        _scope = scope;
        _entityPath = entityPath;
        _mode = mode;
        _management = new ManagementClient(scope, entityPath);
        _link = new(
            token => ReceiveLink.OpenAsync((onDelivery, cancel) => scope.OpenReceiverAsync(entityPath, identifier, mode, onDelivery, cancel), prefetch, scope.Time, token),
            link => link.IsOpen);
    }

    /// <summary>Receives up to a number of messages.</summary>
    /// <param name="max">At least 1.</param>
    /// <param name="maxWait">For the first of them; the try timeout when null.</param>
    /// <param name="cancellationToken">The caller's cancel.</param>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(int max, TimeSpan? maxWait, CancellationToken cancellationToken)
    {
        var started = _scope.Time.GetTimestamp();
        return _scope.Retries.RunUnboundedAsync(async (tryTimeout, token) =>
        {
            var link = await OpenAsync(tryTimeout, token).ConfigureAwait(false);
            var left = (maxWait ?? tryTimeout) - _scope.Time.GetElapsedTime(started);
            var deliveries = await link.ReceiveAsync(max, left > TimeSpan.Zero ? left : TimeSpan.Zero, token).ConfigureAwait(false);
            return (IReadOnlyList<ServiceBusReceivedMessage>)[.. deliveries.Select(Read)];
        }, _entityPath, cancellationToken);
    }

    /// <summary>Settles a locked message: on the link it came by, or over management when that is gone or does not know it.</summary>
    public Task SettleAsync(Guid lockToken, Settlement settlement, CancellationToken cancellationToken)
    {
        AmbientTransaction.ThrowIfAny();
        return _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            if (!await TrySettleOnLinkAsync(lockToken, settlement, token).ConfigureAwait(false))
            {
                await _management.SettleAsync(lockToken, settlement, tryTimeout, token).ConfigureAwait(false);
            }

            return true;
        }, _entityPath, cancellationToken);
    }

    /// <summary>Renews a lock.</summary>
    public Task<DateTimeOffset> RenewLockAsync(Guid lockToken, CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync((tryTimeout, token) => _management.RenewLockAsync(lockToken, tryTimeout, token), _entityPath, cancellationToken);

    /// <summary>Looks at messages; goes on after the last one seen when no number is given.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(long? fromSequenceNumber, int maxMessages, CancellationToken cancellationToken)
    {
        var from = fromSequenceNumber ?? Interlocked.Read(ref _lastPeeked) + 1;
        var messages = await _scope.Retries.RunAsync((tryTimeout, token) => _management.PeekAsync(from, maxMessages, tryTimeout, token), _entityPath, cancellationToken)
            .ConfigureAwait(false);
        if (messages.Count > 0)
        {
            Interlocked.Exchange(ref _lastPeeked, messages[^1].SequenceNumber);
        }

        return messages;
    }

    /// <summary>Receives deferred messages by their numbers.</summary>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(long[] sequenceNumbers, CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync((tryTimeout, token) => _management.ReceiveDeferredAsync(sequenceNumbers, _mode, tryTimeout, token), _entityPath, cancellationToken);

    /// <summary>Gives back what nobody took and closes the links.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        // The service may no longer answer: closing must end all the same.
        using var deadline = new CancellationTokenSource(_scope.RetryPolicy.CalculateTryTimeout(0), _scope.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (await _link.CloseAsync(either.Token).ConfigureAwait(false) is { } link)
            {
                await link.CloseAsync(either.Token).ConfigureAwait(false);
            }

            await _management.CloseAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Out of time: the client's connection takes the rest along when it closes.
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync(CancellationToken.None).ConfigureAwait(false);

    private static ServiceBusReceivedMessage Read(ReceivedDelivery delivery) => MessageCodec.Decode(delivery.Payload, delivery.LockToken, peeked: false);

    // Opening is bounded by the try timeout, waiting for messages is not.
    private async Task<ReceiveLink> OpenAsync(TimeSpan tryTimeout, CancellationToken cancellationToken)
    {
        if (_link.Current is { } open)
        {
            return open;
        }

        using var deadline = new CancellationTokenSource(tryTimeout, _scope.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await _link.GetAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The link did not open within {tryTimeout}.", exception);
        }
    }

    // False when the link cannot: it is gone, or it does not know the delivery.
    private async Task<bool> TrySettleOnLinkAsync(Guid lockToken, Settlement settlement, CancellationToken cancellationToken)
    {
        if (_link.Current is not { } link || !link.TryGetDelivery(lockToken, out var deliveryId))
        {
            return false;
        }

        DeliveryState? answer;
        try
        {
            answer = await link.SettleAsync(lockToken, deliveryId, settlement.Outcome, cancellationToken).ConfigureAwait(false);
        }
        catch (AmqpException)
        {
            return false;
        }

        if (answer is not Rejected { Error: { } error })
        {
            return true;
        }

        return error.Condition == AmqpCondition.NotFound ? false : throw ErrorMapping.FromError(error, _entityPath);
    }
}
