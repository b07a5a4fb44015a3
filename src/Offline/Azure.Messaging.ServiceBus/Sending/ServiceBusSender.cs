#nullable disable annotations
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Sends messages to a queue or topic. Thread-safe; keep one rather than making one per message. Many sends may be under way at once.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    private readonly EntitySender _entity;
    private volatile bool _closed;

    /// <summary>For subclasses that stand in for a sender in tests.</summary>
    protected ServiceBusSender()
    {
    }

    internal ServiceBusSender(ServiceBusClient client, string entityPath, ServiceBusSenderOptions options)
    {
        EntityPath = entityPath;
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        Identifier = Identifiers.Choose(options?.Identifier, EntityPath);
        _entity = new EntitySender(client.Scope, EntityPath, Identifier);
    }

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Path of the queue or topic.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Name in diagnostics.</summary>
    public virtual string Identifier { get; }

    /// <summary>Whether it was closed; it then throws <see cref="ObjectDisposedException"/>.</summary>
    public virtual bool IsClosed => _closed;

    /// <summary>Sends a message and waits until the service has stored it.</summary>
    /// <exception cref="ServiceBusException">The service refused, or could not be reached in time; the reason says which.</exception>
    /// <exception cref="System.Runtime.Serialization.SerializationException">An application property's type cannot travel.</exception>
    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfClosed();
        return _entity.SendAsync(message, cancellationToken);
    }

    /// <summary>Sends messages together: all are stored or none. None at all is no operation.</summary>
    /// <exception cref="ServiceBusException">With MessageSizeExceeded when they are too large together.</exception>
    public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfClosed();
        var all = messages.ToList();
        foreach (var message in all)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
        }

        return all.Count == 0 ? Task.CompletedTask : _entity.SendAsync(all[0], [.. all.Select(_entity.Encode)], cancellationToken);
    }

    /// <summary>Sends a batch: all of it is stored or nothing. An empty one is no operation.</summary>
    public virtual async Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        ThrowIfClosed();
        if (messageBatch.Count == 0)
        {
            return;
        }

        messageBatch.BeginSend();
        try
        {
            await _entity.SendAsync(messageBatch.First, messageBatch.Encoded, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            messageBatch.EndSend();
        }
    }

    /// <summary>Makes a batch as large as the link allows.</summary>
    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        CreateMessageBatchAsync(null, cancellationToken);

    /// <summary>Makes a batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It was to be larger than the link allows.</exception>
    public virtual async ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CreateMessageBatchOptions options, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var most = await _entity.GetMaxBatchSizeAsync(cancellationToken).ConfigureAwait(false);
        var size = options?.MaxSizeInBytes ?? most;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, most, nameof(options));
        return new ServiceBusMessageBatch(size, _entity.Encode);
    }

    /// <summary>Sends a message to become visible later.</summary>
    /// <returns>Its number, by which it can be cancelled until then.</returns>
    public virtual async Task<long> ScheduleMessageAsync(ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var numbers = await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken).ConfigureAwait(false);
        return numbers[0];
    }

    /// <summary>Sends messages to become visible later.</summary>
    /// <returns>Their numbers, by which they can be cancelled until then.</returns>
    public virtual async Task<IReadOnlyList<long>> ScheduleMessagesAsync(IEnumerable<ServiceBusMessage> messages, DateTimeOffset scheduledEnqueueTime,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfClosed();
        var all = messages.ToList();
        foreach (var message in all)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            message.ScheduledEnqueueTime = scheduledEnqueueTime.ToUniversalTime();
        }

        return all.Count == 0 ? [] : await _entity.ScheduleAsync(all, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels a scheduled message.</summary>
    /// <exception cref="ServiceBusException">With MessageNotFound when it is not, or no longer, scheduled.</exception>
    public virtual Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

    /// <summary>Cancels scheduled messages.</summary>
    /// <exception cref="ServiceBusException">With MessageNotFound when one is not, or no longer, scheduled.</exception>
    public virtual Task CancelScheduledMessagesAsync(IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        ThrowIfClosed();
        var numbers = sequenceNumbers.ToArray();
        return numbers.Length == 0 ? Task.CompletedTask : _entity.CancelScheduledAsync(numbers, cancellationToken);
    }

    /// <summary>Closes the sender; sends under way fail.</summary>
    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        if (_entity is not null)
        {
            await _entity.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="CloseAsync"/>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);
}
