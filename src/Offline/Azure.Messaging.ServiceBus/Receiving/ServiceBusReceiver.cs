#nullable disable annotations
using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives and settles messages of a queue or subscription. Thread-safe; keep one rather than making one per message.</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    private const int LongestReason = 4096;

    private readonly EntityReceiver _entity;
    private volatile bool _closed;

    /// <summary>For subclasses that stand in for a receiver in tests.</summary>
    protected ServiceBusReceiver()
    {
    }

    internal ServiceBusReceiver(ServiceBusClient client, string entityPath, ServiceBusReceiverOptions options)
    {
        EntityPath = EntityPaths.Of(entityPath, options.SubQueue);
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        Identifier = Identifiers.Choose(options.Identifier, EntityPath);
        PrefetchCount = options.PrefetchCount;
        ReceiveMode = options.ReceiveMode;
        _entity = new EntityReceiver(client.Scope, EntityPath, Identifier, ReceiveMode, (uint)PrefetchCount);
    }

    private protected ServiceBusReceiver(ServiceBusClient client, string entityPath, string identifier, int prefetchCount, ServiceBusReceiveMode mode, EntityReceiver entity)
    {
        EntityPath = entityPath;
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        Identifier = identifier;
        PrefetchCount = prefetchCount;
        ReceiveMode = mode;
        _entity = entity;
    }

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Path of the entity, sub-queue included.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Name in diagnostics.</summary>
    public virtual string Identifier { get; }

    /// <summary>What receiving does to a message.</summary>
    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    /// <summary>Messages kept ready without being asked for.</summary>
    public virtual int PrefetchCount { get; }

    /// <summary>Whether it was closed; it then throws <see cref="ObjectDisposedException"/>.</summary>
    public virtual bool IsClosed => _closed;

    /// <summary>Receives one message.</summary>
    /// <param name="maxWaitTime">How long to wait: positive; the try timeout when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when none came in time.</returns>
    public virtual async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = default, CancellationToken cancellationToken = default)
    {
        var messages = await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken).ConfigureAwait(false);
        return messages.Count == 0 ? null : messages[0];
    }

    /// <summary>Receives what is there, at most so many: waits for the first message, then takes what comes right behind it.</summary>
    /// <param name="maxMessages">At least 1.</param>
    /// <param name="maxWaitTime">How long to wait for the first: positive (or zero with prefetch); the try timeout when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Empty when none came in time.</returns>
    /// <exception cref="ServiceBusException">Receiving failed; the reason says why.</exception>
    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(int maxMessages, TimeSpan? maxWaitTime = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        if (maxWaitTime is { } wait)
        {
            var least = PrefetchCount > 0 ? TimeSpan.Zero : TimeSpan.FromTicks(1);
            ArgumentOutOfRangeException.ThrowIfLessThan(wait, least, nameof(maxWaitTime));
        }

        ThrowIfClosed();
        return _entity.ReceiveAsync(maxMessages, maxWaitTime, cancellationToken);
    }

    /// <summary>Receives messages one after the other, for as long as the caller goes on.</summary>
    /// <param name="cancellationToken">Ends the sequence with <see cref="TaskCanceledException"/>.</param>
    public virtual async IAsyncEnumerable<ServiceBusReceivedMessage> ReceiveMessagesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var message = await ReceiveMessageAsync(null, cancellationToken).ConfigureAwait(false);
            if (message is not null)
            {
                yield return message;
            }
        }
    }

    /// <summary>Receives a deferred message by its number.</summary>
    /// <exception cref="ServiceBusException">With MessageNotFound when no deferred message has the number.</exception>
    public virtual async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default)
    {
        var messages = await ReceiveDeferredMessagesAsync([sequenceNumber], cancellationToken).ConfigureAwait(false);
        return messages[0];
    }

    /// <summary>Receives deferred messages by their numbers: all of them or none.</summary>
    /// <exception cref="ServiceBusException">With MessageNotFound when a number is no deferred message's.</exception>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredMessagesAsync(IEnumerable<long> sequenceNumbers,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        ThrowIfClosed();
        var numbers = sequenceNumbers.ToArray();
        return numbers.Length == 0 ? [] : await _entity.ReceiveDeferredAsync(numbers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at the next message without locking it.</summary>
    /// <param name="fromSequenceNumber">Where to begin; after the last message peeked when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when there is none.</returns>
    public virtual async Task<ServiceBusReceivedMessage> PeekMessageAsync(long? fromSequenceNumber = default, CancellationToken cancellationToken = default)
    {
        var messages = await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken).ConfigureAwait(false);
        return messages.Count == 0 ? null : messages[0];
    }

    /// <summary>Looks at messages in any state, in the order of their numbers, without locking them.</summary>
    /// <param name="maxMessages">At least 1; fewer may come although there are more.</param>
    /// <param name="fromSequenceNumber">Where to begin; after the last message peeked when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(int maxMessages, long? fromSequenceNumber = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        ThrowIfClosed();
        return _entity.PeekAsync(fromSequenceNumber, maxMessages, cancellationToken);
    }

    /// <summary>Completes a message: it is gone for good.</summary>
    /// <exception cref="InvalidOperationException">The receiver does not lock, or the message was peeked.</exception>
    /// <exception cref="ServiceBusException">With MessageLockLost when the lock is no longer ours.</exception>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, Settlement.Complete, cancellationToken);

    /// <summary>Gives a message back: its delivery count rises and it is delivered again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="propertiesToModify">Set on the message's application properties; may be null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The receiver does not lock, or the message was peeked.</exception>
    /// <exception cref="ServiceBusException">With MessageLockLost when the lock is no longer ours.</exception>
    public virtual Task AbandonMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, Settlement.Abandon(propertiesToModify), cancellationToken);

    /// <summary>Sets a message aside: from then on it is received by its sequence number only.</summary>
    /// <param name="message">The message.</param>
    /// <param name="propertiesToModify">Set on the message's application properties; may be null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The receiver does not lock, or the message was peeked.</exception>
    /// <exception cref="ServiceBusException">With MessageLockLost when the lock is no longer ours.</exception>
    public virtual Task DeferMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, Settlement.Defer(propertiesToModify), cancellationToken);

    /// <summary>Moves a message to the dead-letter queue without a reason.</summary>
    /// <param name="message">The message.</param>
    /// <param name="propertiesToModify">Set on the message's application properties; may be null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task DeadLetterMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, Settlement.DeadLetter(propertiesToModify, null, null), cancellationToken);

    /// <summary>Moves a message to the dead-letter queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="deadLetterReason">Why: at most 4096 characters.</param>
    /// <param name="deadLetterErrorDescription">In detail: at most 4096 characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">A text is too long.</exception>
    public virtual Task DeadLetterMessageAsync(ServiceBusReceivedMessage message, string deadLetterReason, string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        DeadLetterMessageAsync(message, null, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    /// <summary>Moves a message to the dead-letter queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="propertiesToModify">Set on the message's application properties; may be null.</param>
    /// <param name="deadLetterReason">Why: at most 4096 characters.</param>
    /// <param name="deadLetterErrorDescription">In detail: at most 4096 characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">A text is too long.</exception>
    public virtual Task DeadLetterMessageAsync(ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify, string deadLetterReason,
        string deadLetterErrorDescription = null, CancellationToken cancellationToken = default)
    {
        ThrowIfLong(deadLetterReason, nameof(deadLetterReason));
        ThrowIfLong(deadLetterErrorDescription, nameof(deadLetterErrorDescription));
        return SettleAsync(message, Settlement.DeadLetter(propertiesToModify, deadLetterReason, deadLetterErrorDescription), cancellationToken);
    }

    /// <summary>Renews the lock on a message and moves its <see cref="ServiceBusReceivedMessage.LockedUntil"/>.</summary>
    /// <exception cref="InvalidOperationException">The receiver does not lock, or the message was peeked.</exception>
    /// <exception cref="ServiceBusException">With MessageLockLost when the lock is no longer ours.</exception>
    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ThrowIfNotLocked(message);
        message.LockedUntil = await _entity.RenewLockAsync(message.LockTokenGuid, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the receiver: messages it holds unasked go back to the entity, those handed out stay locked.</summary>
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

    private async Task SettleAsync(ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        ThrowIfNotLocked(message);
        await _entity.SettleAsync(message.LockTokenGuid, settlement, cancellationToken).ConfigureAwait(false);
        message.IsSettled = true;
    }

    private void ThrowIfNotLocked(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfClosed();
        if (ReceiveMode != ServiceBusReceiveMode.PeekLock)
        {
            throw new InvalidOperationException("The operation is only supported in peek-lock receive mode.");
        }

        if (message.LockTokenGuid == Guid.Empty)
        {
            throw new InvalidOperationException("The message holds no lock: it was peeked or received in another mode.");
        }
    }

    private protected void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);

    private static void ThrowIfLong(string text, string name)
    {
        if (text is { Length: > LongestReason })
        {
            throw new ArgumentOutOfRangeException(name, $"At most {LongestReason} characters are allowed; there were {text.Length}.");
        }
    }
}
