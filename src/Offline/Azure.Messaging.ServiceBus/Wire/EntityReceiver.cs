using Relay.Amqp.Client;
using Relay.Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Receiving from one entity: its link and its management node, both opened when first wanted, under the client's retry policy.</summary>
internal sealed class EntityReceiver : IAsyncDisposable
{
    // What a refusal may take to come after the time given to the service.
    private static readonly TimeSpan AnswerMargin = TimeSpan.FromSeconds(5);

    private readonly ConnectionScope _scope;
    private readonly string _entityPath;
    private readonly ServiceBusReceiveMode _mode;
    private readonly LinkSlot<ReceiveLink> _link;
    private readonly ManagementClient _management;
    private readonly string? _sessionId;
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

    private EntityReceiver(ConnectionScope scope, string entityPath, ServiceBusReceiveMode mode, ReceiveLink link, string sessionId)
    {
        _scope = scope;
        _entityPath = entityPath;
        _mode = mode;
        _sessionId = sessionId;
        _management = new ManagementClient(scope, entityPath, sessionId);

        // A session is held by its link and lost with it: another link would be another holder.
        _link = new(_ => throw SessionLost(entityPath), current => current.IsOpen, link);
        SessionLockedUntil = SessionLink.ReadLockedUntil(link.RemoteAttach);
    }

    /// <summary>The session; empty without one.</summary>
    public string SessionId => _sessionId ?? "";

    /// <summary>End of the session's lock when it was last told.</summary>
    public DateTimeOffset SessionLockedUntil { get; private set; }

    /// <summary>Whether the link is there; a session receiver's never comes back.</summary>
    public bool IsOpen => _link.Current is not null;

    /// <summary>Takes a session: a named one, or the next that is free.</summary>
    /// <param name="scope">The connection.</param>
    /// <param name="entityPath">The entity.</param>
    /// <param name="identifier">Named in diagnostics.</param>
    /// <param name="mode">What receiving does.</param>
    /// <param name="prefetch">Messages to keep ready.</param>
    /// <param name="sessionId">Null for the next that is free.</param>
    /// <param name="cancellationToken">The caller's cancel.</param>
    /// <exception cref="ServiceBusException">ServiceTimeout when none became free within the try timeout, SessionCannotBeLocked when another holds it.</exception>
    public static async Task<EntityReceiver> AcceptSessionAsync(ConnectionScope scope, string entityPath, string identifier, ServiceBusReceiveMode mode, uint prefetch,
        string? sessionId, CancellationToken cancellationToken)
    {
        // That there is no session is an answer, and no reason to ask again.
        var (link, failure) = await scope.Retries.RunUnboundedAsync<(ReceiveLink?, Exception?)>(async (tryTimeout, token) =>
        {
            using var deadline = new CancellationTokenSource(tryTimeout + AnswerMargin, scope.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, token);
            try
            {
                return (await ReceiveLink.OpenAsync(
                    (onDelivery, cancel) => scope.OpenSessionReceiverAsync(entityPath, identifier, mode, sessionId, tryTimeout, onDelivery, cancel),
                    prefetch, scope.Time, either.Token).ConfigureAwait(false), null);
            }
            catch (AmqpException exception) when (exception.Error.Condition.Value == ServiceBusCondition.Timeout)
            {
                return (null, ErrorMapping.Translate(exception, entityPath));
            }
            catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !token.IsCancellationRequested)
            {
                throw new TimeoutException($"No session was given or refused within {tryTimeout}.", exception);
            }
        }, entityPath, cancellationToken).ConfigureAwait(false);
        if (link is null)
        {
            throw failure!;
        }

        if (SessionLink.TryReadId(link.RemoteAttach, out var accepted) && (sessionId is null || sessionId == accepted))
        {
            return new EntityReceiver(scope, entityPath, mode, link, accepted);
        }

        await link.DisposeAsync().ConfigureAwait(false);
        throw new ServiceBusException($"The service gave no session, or another than '{sessionId}'.", ServiceBusFailureReason.SessionCannotBeLocked, entityPath);
    }

    /// <summary>Renews the session's lock and moves <see cref="SessionLockedUntil"/>.</summary>
    public async Task RenewSessionLockAsync(CancellationToken cancellationToken) =>
        SessionLockedUntil = await _scope.Retries.RunAsync(_management.RenewSessionLockAsync, _entityPath, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the session's state; null when it has none.</summary>
    public Task<ReadOnlyMemory<byte>?> GetSessionStateAsync(CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync(_management.GetSessionStateAsync, _entityPath, cancellationToken);

    /// <summary>Sets the session's state; null clears it.</summary>
    public Task SetSessionStateAsync(ReadOnlyMemory<byte>? state, CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            await _management.SetSessionStateAsync(state, tryTimeout, token).ConfigureAwait(false);
            return true;
        }, _entityPath, cancellationToken);

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
        return _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            if (!await TrySettleOnLinkAsync(lockToken, settlement, token).ConfigureAwait(false))
            {
                if (_sessionId is not null && !IsOpen)
                {
                    throw SessionLost(_entityPath);
                }

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

    private static ServiceBusException SessionLost(string entityPath) => new(
        "The session lock has expired on the session. Accept a new session.", ServiceBusFailureReason.SessionLockLost, entityPath);

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

        var transaction = await _scope.Transactions.CurrentAsync(settlement.Outcome, cancellationToken).ConfigureAwait(false);
        DeliveryState? answer;
        try
        {
            answer = await link.SettleAsync(lockToken, deliveryId, transaction ?? settlement.Outcome, cancellationToken).ConfigureAwait(false);
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
