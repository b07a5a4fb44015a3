using System.Collections.Concurrent;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;
using Relay.Amqp.State;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>
/// A receiving link as receivers use it: many may wait at once, each for a number of messages. Without prefetch, credit is what the waiting ask for, and
/// what is left when the last of them leaves is drained: no message is locked for a receiver that asks for none. With prefetch, credit is kept up.
/// </summary>
internal sealed class ReceiveLink : IAsyncDisposable
{
    // What a timer can be set to.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly uint _prefetch;
    private readonly TimeProvider _time;

    // Guards the fields below it. No await inside.
    private readonly Lock _gate = new();
    private readonly Queue<ReceivedDelivery> _buffer = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private uint _credit;
    private uint _handedOut;
    private Task? _drain;
    private AmqpException? _gone;
    private bool _closing;

    // Deliveries that can be settled on this link, by lock token.
    private readonly ConcurrentDictionary<Guid, uint> _unsettled = new();

    private AmqpReceiver? _receiver;
    private Task _watch = Task.CompletedTask;

    private ReceiveLink(uint prefetch, TimeProvider time)
    {
        _prefetch = prefetch;
        _time = time;
    }

    /// <summary>Whether it can still be used.</summary>
    public bool IsOpen => Receiver.Link.IsOpen;

    private AmqpReceiver Receiver => _receiver ?? throw new InvalidOperationException("The link is not attached yet.");

    /// <summary>What the service answered to the attach.</summary>
    public Attach? RemoteAttach => Receiver.Link.RemoteAttach;

    /// <summary>Attaches the link and, with prefetch, gives the first credit.</summary>
    /// <param name="open">Attaches with the callback given.</param>
    /// <param name="prefetch">Messages to keep ready.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ReceiveLink> OpenAsync(Func<DeliveryCallback, CancellationToken, Task<AmqpReceiver>> open, uint prefetch, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var link = new ReceiveLink(prefetch, time);
        link._receiver = await open(link.OnDelivery, cancellationToken).ConfigureAwait(false);
        link._watch = link.WatchAsync();
        if (prefetch > 0)
        {
            link._receiver.AddCredit(prefetch);
        }

        return link;
    }

    /// <summary>Takes up to a number of messages: at once if there are any, else waits for the first.</summary>
    /// <param name="max">At least 1.</param>
    /// <param name="wait">How long.</param>
    /// <param name="cancellationToken">Ends the wait; what came meanwhile is kept for the next.</param>
    /// <returns>Empty when none came in time.</returns>
    /// <exception cref="AmqpException">The link is gone.</exception>
    public async Task<IReadOnlyList<ReceivedDelivery>> ReceiveAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            if (_buffer.Count > 0)
            {
                return TakeBuffered(max);
            }

            if (_gone is not null)
            {
                throw _gone;
            }

            waiter = new Waiter(max);
            waiter.Node = _waiters.AddLast(waiter);
            GiveCredit();
        }

        try
        {
            try
            {
                await waiter.First.Task.WaitAsync(wait < LongestWait ? wait : LongestWait, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // None came in time; one may still be on its way, which the drain settles.
            }

            if (MustDrain(waiter))
            {
                await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            GiveBack(waiter);
            throw;
        }
        catch (AmqpException)
        {
            Leave(waiter);
            throw;
        }

        return Leave(waiter);
    }

    /// <summary>Finds the delivery a lock came with, while it can be settled here.</summary>
    public bool TryGetDelivery(Guid lockToken, out uint deliveryId)
    {
        deliveryId = 0;
        return IsOpen && _unsettled.TryGetValue(lockToken, out deliveryId);
    }

    /// <summary>Settles a delivery and returns the service's answer.</summary>
    /// <exception cref="AmqpException">The link is gone, or does not know the delivery.</exception>
    public async Task<DeliveryState?> SettleAsync(Guid lockToken, uint deliveryId, DeliveryState outcome, CancellationToken cancellationToken)
    {
        var answer = await Receiver.SettleAsync(deliveryId, outcome, cancellationToken).ConfigureAwait(false);
        _unsettled.TryRemove(lockToken, out _);
        return answer;
    }

    /// <summary>Gives back what nobody took and detaches.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        bool drain;
        lock (_gate)
        {
            _closing = true;
            drain = IsOpen && (_credit > 0 || _prefetch > 0);
        }

        if (drain)
        {
            await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            while (_buffer.TryDequeue(out var delivery))
            {
                if (!delivery.Settled)
                {
                    Receiver.SettleNow(delivery.Id, Released.Instance);
                }
            }
        }

        await Receiver.CloseAsync(cancellationToken).ConfigureAwait(false);
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
    }

    // On the connection's read loop.
    private void OnDelivery(AmqpReceiver receiver, in IncomingDelivery incoming)
    {
        var lockToken = !incoming.Settled && incoming.Tag.Length == 16 ? new Guid(incoming.Tag) : Guid.Empty;
        var delivery = new ReceivedDelivery(incoming.DeliveryId, lockToken, incoming.Settled, incoming.Payload.ToArray());
        if (lockToken != Guid.Empty)
        {
            _unsettled[lockToken] = incoming.DeliveryId;
        }

        lock (_gate)
        {
            if (_credit > 0)
            {
                _credit--;
            }

            for (var node = _waiters.First; node is not null; node = node.Next)
            {
                if (node.Value.Messages.Count < node.Value.Max)
                {
                    node.Value.Messages.Add(delivery);
                    node.Value.First.TrySetResult();
                    return;
                }
            }

            _buffer.Enqueue(delivery);
        }
    }

    // Tells everyone who waits when the link is gone. Messages they already have can still be settled, over management.
    private async Task WatchAsync()
    {
        var error = await Receiver.Closed.ConfigureAwait(false);
        var gone = new AmqpException(error ?? new AmqpError(AmqpCondition.DetachForced, "The link was closed."));
        lock (_gate)
        {
            _gone = gone;
            foreach (var waiter in _waiters)
            {
                waiter.First.TrySetException(gone);
            }
        }
    }

    // Whether credit this waiter asked for may still bring messages that nobody else would take. From here on it asks for none.
    private bool MustDrain(Waiter waiter)
    {
        lock (_gate)
        {
            waiter.Leaving = true;
            if (_prefetch > 0 || _credit == 0 || waiter.Messages.Count == waiter.Max)
            {
                return false;
            }

            return waiter.Messages.Count > 0 || _waiters.All(other => other.Leaving);
        }
    }

    // One drain at a time; all who need one wait for the same.
    private Task DrainAsync()
    {
        lock (_gate)
        {
            return _drain ??= DrainOnceAsync();
        }
    }

    private async Task DrainOnceAsync()
    {
        // The caller holds the gate.
        await Task.Yield();
        using var deadline = new CancellationTokenSource(DrainTimeout, _time);
        try
        {
            await Receiver.DrainAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (AmqpException)
        {
            // The link is gone, its credit with it.
        }
        catch (OperationCanceledException)
        {
            // Without an answer nobody knows what is still coming: another link is opened in place of this one.
            Receiver.Link.Detach();
        }

        lock (_gate)
        {
            _drain = null;
            _credit = 0;
            GiveCredit();
        }
    }

    // Brings credit up to what the waiting still ask for. While a drain is under way none is given: its end calls this again.
    private void GiveCredit()
    {
        if (_prefetch > 0 || _drain is not null || _closing || _gone is not null)
        {
            return;
        }

        long wanted = 0;
        foreach (var waiter in _waiters)
        {
            wanted += waiter.Leaving ? 0 : waiter.Max - waiter.Messages.Count;
        }

        if (wanted > _credit)
        {
            var missing = (uint)Math.Min(wanted - _credit, int.MaxValue);
            _credit += missing;
            Receiver.AddCredit(missing);
        }
    }

    private List<ReceivedDelivery> TakeBuffered(int max)
    {
        var taken = new List<ReceivedDelivery>(Math.Min(max, _buffer.Count));
        while (taken.Count < max && _buffer.TryDequeue(out var delivery))
        {
            taken.Add(delivery);
        }

        TopUp(taken.Count);
        return taken;
    }

    // With prefetch, credit is renewed when half of it is used: one flow for many messages.
    private void TopUp(int taken)
    {
        if (_prefetch == 0 || _closing)
        {
            return;
        }

        _handedOut += (uint)taken;
        if (_handedOut >= (_prefetch + 1) / 2)
        {
            Receiver.AddCredit(_handedOut);
            _handedOut = 0;
        }
    }

    private List<ReceivedDelivery> Leave(Waiter waiter)
    {
        lock (_gate)
        {
            _waiters.Remove(waiter.Node!);
            while (waiter.Messages.Count < waiter.Max && _buffer.TryDequeue(out var delivery))
            {
                waiter.Messages.Add(delivery);
            }

            TopUp(waiter.Messages.Count);
            return waiter.Messages;
        }
    }

    // The caller cancelled: what it already had goes to whoever receives next, and unused credit is withdrawn.
    private void GiveBack(Waiter waiter)
    {
        lock (_gate)
        {
            _waiters.Remove(waiter.Node!);
            foreach (var delivery in waiter.Messages)
            {
                Requeue(delivery);
            }

            if (_prefetch == 0 && _waiters.Count == 0 && _credit > 0 && _drain is null && IsOpen)
            {
                _drain = DrainOnceAsync();
            }
        }
    }

    private void Requeue(ReceivedDelivery delivery)
    {
        for (var node = _waiters.First; node is not null; node = node.Next)
        {
            if (node.Value.Messages.Count < node.Value.Max)
            {
                node.Value.Messages.Add(delivery);
                node.Value.First.TrySetResult();
                return;
            }
        }

        _buffer.Enqueue(delivery);
    }

    private sealed class Waiter(int max)
    {
        public int Max => max;

        // Guarded by the link's gate until the waiter has left.
        public List<ReceivedDelivery> Messages { get; } = [];

        // Guarded likewise: it takes what still comes, but no credit is given for it.
        public bool Leaving { get; set; }

        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
