using Relay.Amqp.Client;
using Relay.Amqp.Framing;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Sending to one entity: its link and its management node, both opened when first wanted, under the client's retry policy. Any number of
/// sends may be under way at once; none waits for another's answer.</summary>
internal sealed class EntitySender : IAsyncDisposable
{
    private const string MaxBatchSizeProperty = "com.microsoft:max-message-batch-size";
    private const long DefaultMaxBatchSize = 1024 * 1024;

    private readonly ConnectionScope _scope;
    private readonly string _entityPath;
    private readonly LinkSlot<AmqpSender> _link;
    private readonly ManagementClient _management;

    public EntitySender(ConnectionScope scope, string entityPath, string identifier)
    {
        _scope = scope;
        _entityPath = entityPath;
        _management = new ManagementClient(scope, entityPath);
        _link = new(token => scope.OpenSenderAsync(entityPath, identifier, token), link => link.Link.IsOpen);
    }

    /// <summary>Sends one message.</summary>
    public Task SendAsync(ServiceBusMessage message, CancellationToken cancellationToken)
    {
        return SendAsync(MessageCodec.Encode(message, _scope.Time.GetUtcNow()), 0, cancellationToken);
    }

    /// <summary>Sends messages that belong together: all are stored or none.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="encoded">All of them, at least one.</param>
    /// <param name="cancellationToken">The caller's cancel.</param>
    public Task SendAsync(ServiceBusMessage first, IReadOnlyList<byte[]> encoded, CancellationToken cancellationToken)
    {
        if (encoded.Count == 1)
        {
            return SendAsync(encoded[0], 0, cancellationToken);
        }

        using var writer = new AmqpWriter();
        writer.WriteRaw(MessageCodec.EncodeEnvelope(first));
        foreach (var message in encoded)
        {
            MessageBatch.WriteMessage(writer, message);
        }

        return SendAsync(writer.ToArray(), MessageBatch.MessageFormat, cancellationToken);
    }

    /// <summary>The encoded form of a message to send.</summary>
    public byte[] Encode(ServiceBusMessage message) => MessageCodec.Encode(message, _scope.Time.GetUtcNow());

    /// <summary>The largest batch the link takes, in bytes.</summary>
    public Task<long> GetMaxBatchSizeAsync(CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync(async (_, token) =>
        {
            var link = await _link.GetAsync(token).ConfigureAwait(false);
            return link.Link.RemoteAttach?.Properties is { } properties && properties.TryGetInteger(MaxBatchSizeProperty, out var size) && size > 0
                ? size
                : Math.Min(DefaultMaxBatchSize, link.MaxMessageSize);
        }, _entityPath, cancellationToken);

    /// <summary>Schedules messages and returns their numbers.</summary>
    public Task<IReadOnlyList<long>> ScheduleAsync(IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        var entries = messages.Select(message => (message, Encode(message))).ToList();
        return _scope.Retries.RunAsync((tryTimeout, token) => _management.ScheduleAsync(entries, tryTimeout, token), _entityPath, cancellationToken);
    }

    /// <summary>Cancels scheduled messages.</summary>
    public Task CancelScheduledAsync(long[] sequenceNumbers, CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            await _management.CancelScheduledAsync(sequenceNumbers, tryTimeout, token).ConfigureAwait(false);
            return true;
        }, _entityPath, cancellationToken);

    /// <summary>Closes the links; sends under way fail.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await _link.CloseAsync(cancellationToken).ConfigureAwait(false) is { } link)
        {
            await link.CloseAsync(cancellationToken).ConfigureAwait(false);
        }

        await _management.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await CloseAsync(CancellationToken.None).ConfigureAwait(false);

    private Task<bool> SendAsync(byte[] payload, uint messageFormat, CancellationToken cancellationToken) =>
        _scope.Retries.RunAsync(async (_, token) =>
        {
            var transaction = await _scope.Transactions.CurrentAsync(null, token).ConfigureAwait(false);
            var link = await _link.GetAsync(token).ConfigureAwait(false);
            if (payload.Length > link.MaxMessageSize)
            {
                throw new ServiceBusException($"The message has {payload.Length} bytes encoded, which is over the limit of {link.MaxMessageSize}.",
                    ServiceBusFailureReason.MessageSizeExceeded, _entityPath);
            }

            return await link.SendAsync(payload, messageFormat, transaction, token).ConfigureAwait(false) switch
            {
                Accepted or TransactionalState { Outcome: Accepted } => true,
                Rejected rejected => throw ErrorMapping.FromError(rejected.Error, _entityPath),
                var other => throw new ServiceBusException(true, $"The service neither accepted nor rejected the message: {other.GetType().Name}.", _entityPath),
            };
        }, _entityPath, cancellationToken);
}
