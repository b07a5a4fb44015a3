using Azure.Messaging.ServiceBus;

namespace Relay.Client.Delegations;

/// <summary>
/// Messages that cannot be judged because a key cannot be read now. They stay locked, and their locks
/// are renewed, until it can be: giving them back would burn a delivery each time, and ten of
/// those are the end of an envelope that nothing is wrong with. Bounded. Not for concurrent use.
/// </summary>
internal sealed class KeyWait(ServiceBusReceiver receiver, TimeProvider time)
{
    // One more than a few in flight shows nothing new, and each costs a renewal.
    private const int MaxWaiting = 8;

    // A subscription's lock is a minute.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Queue<ServiceBusReceivedMessage> _waiting = new();
    private DateTimeOffset _next;

    /// <summary>Messages that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>True when no further message should be received before one of these can be judged.</summary>
    public bool IsFull => _waiting.Count >= MaxWaiting;

    /// <summary>Why, in words; null when nothing waits.</summary>
    public string? Reason { get; private set; }

    /// <summary>When it is time to try again; null when nothing waits.</summary>
    public DateTimeOffset? Next => _waiting.Count == 0 ? null : _next;

    public void Add(ServiceBusReceivedMessage message, string reason)
    {
        _waiting.Enqueue(message);
        Reason = reason;
        _next = time.GetUtcNow() + Pause;
    }

    /// <summary>The first that may be tried again, every lock renewed; null when it is not time yet, or none is left.</summary>
    public async ValueTask<ServiceBusReceivedMessage?> TakeAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0 || time.GetUtcNow() < _next) return null;
        for (var left = _waiting.Count; left > 0; left--)
        {
            var message = _waiting.Dequeue();
            if (await RenewAsync(message, cancellationToken).ConfigureAwait(false)) _waiting.Enqueue(message);
        }
        if (!_waiting.TryDequeue(out var first))
        {
            Reason = null;
            return null;
        }
        // When the key can be read now, the others are tried at once too.
        _next = time.GetUtcNow();
        if (_waiting.Count == 0) Reason = null;
        return first;
    }

    // False when the lock is lost: the message comes again by itself.
    private async ValueTask<bool> RenewAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await receiver.RenewMessageLockAsync(message, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound)
        {
            return false;
        }
    }
}
