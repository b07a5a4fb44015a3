using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Relay.Testing.Amqp;

/// <summary>
/// Receives and settles messages. Members may be called from any thread. Credit is the caller's: none is given until asked for.
/// </summary>
public sealed class AmqpReceiver : IAsyncDisposable
{
    // Bounded by the credit its reader gives.
    private readonly Channel<AmqpDelivery> _deliveries = Channel.CreateUnbounded<AmqpDelivery>();
    private readonly DeliveryCallback? _callback;

    // Guards _settling and _drained. Taken before the connection's gate, never the other way round. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, TaskCompletionSource<DeliveryState?>> _settling = [];
    private readonly LinkEvents _events;
    private TaskCompletionSource? _drained;
    private ReceivingLink _link = null!;

    internal AmqpReceiver(DeliveryCallback? callback, bool ownsSession)
    {
        _callback = callback;
        Life = new LinkLife(ownsSession);
        _events = new LinkEvents(this);
    }

    /// <summary>The link beneath: SetCredit, AddCredit, RemoteAttach.</summary>
    public ReceivingLink Link => _link;

    /// <summary>Completes, never faults, when the link is gone: the peer's error, or null after an orderly detach.</summary>
    public Task<AmqpError?> Closed => Life.Closed;

    internal LinkLife Life { get; }

    /// <summary>Sets credit to a number of deliveries from now on.</summary>
    public void SetCredit(uint credit) => _link.SetCredit(credit);

    /// <summary>Adds to the credit.</summary>
    public void AddCredit(uint credit) => _link.AddCredit(credit);

    /// <summary>Takes a queued delivery without waiting.</summary>
    public bool TryReceive([NotNullWhen(true)] out AmqpDelivery? delivery) => _deliveries.Reader.TryRead(out delivery);

    /// <summary>Waits for a delivery; deliveries queued before the link went away still come.</summary>
    /// <exception cref="AmqpException">The link is gone and the queue is empty.</exception>
    public async ValueTask<AmqpDelivery> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _deliveries.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new AmqpException(Life.ClosedError!);
        }
    }

    /// <summary>
    /// Has the peer use or give up its credit, and waits until it did: every delivery that came is queued or was called back by then.
    /// </summary>
    /// <exception cref="AmqpException">The link is gone.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource drained;
        lock (_gate)
        {
            ThrowIfClosed();
            drained = _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _link.Drain();
        }

        await drained.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells an outcome unsettled and returns the peer's settled answer: the
    /// same type of outcome, or a <see cref="Rejected"/> with an error.
    /// </summary>
    /// <exception cref="AmqpException">The link is gone (its error), or the delivery is not unsettled here (amqp:not-found).</exception>
    public async Task<DeliveryState?> SettleAsync(uint deliveryId, DeliveryState outcome, CancellationToken cancellationToken)
    {
        TaskCompletionSource<DeliveryState?>? answer;
        lock (_gate)
        {
            ThrowIfClosed();
            if (!_settling.TryGetValue(deliveryId, out answer))
            {
                answer = new TaskCompletionSource<DeliveryState?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _settling[deliveryId] = answer;
            }

            if (!_link.Update(deliveryId, outcome))
            {
                _settling.Remove(deliveryId);
                throw new AmqpException(new AmqpError(AmqpCondition.NotFound, $"Delivery {deliveryId} is not unsettled on this link."));
            }
        }

        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells an outcome settled; no answer comes. False when the delivery is not unsettled here.</summary>
    public bool SettleNow(uint deliveryId, DeliveryState outcome) => _link.Settle(deliveryId, outcome);

    /// <summary>Detaches, and ends the session if it is the receiver's own.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) => Life.CloseAsync(cancellationToken);

    /// <summary>Closes as <see cref="CloseAsync"/> does, waiting at most the close timeout.</summary>
    public ValueTask DisposeAsync() => Life.DisposeAsync();

    internal void Attach(AmqpSession session, AmqpReceiverOptions options)
    {
        // Events may come before AttachReceiver returns.
        lock (_gate)
        {
            var link = session.AttachReceiver(
                new Attach
                {
                    Name = options.Name ?? LinkLife.NewName(),
                    SndSettleMode = options.SndSettleMode,
                    RcvSettleMode = options.RcvSettleMode,
                    Source = options.Source,
                    Target = options.Target ?? new Target(),
                    MaxMessageSize = (ulong?)options.MaxMessageSize,
                    Properties = options.Properties,
                },
                _events,
                _ => Life.OnOpened());
            Life.Attached(link);
            _link = link!;
        }
    }

    private void ThrowIfClosed()
    {
        if (!_link.IsOpen)
        {
            throw new AmqpException(Life.ClosedError ?? new AmqpError(AmqpCondition.DetachForced, "The link is closed."));
        }
    }

    private void OnDelivery(in IncomingDelivery delivery)
    {
        if (_callback is not null)
        {
            _callback(this, delivery);
            return;
        }

        _deliveries.Writer.TryWrite(new AmqpDelivery(
            delivery.DeliveryId,
            delivery.Tag.ToArray(),
            delivery.MessageFormat,
            delivery.Settled,
            delivery.State,
            delivery.Payload.ToArray()));
    }

    private void OnAnswer(uint deliveryId, DeliveryState? state)
    {
        TaskCompletionSource<DeliveryState?>? answer;
        lock (_gate)
        {
            _settling.Remove(deliveryId, out answer);
        }

        answer?.TrySetResult(state);
    }

    private void OnDrained()
    {
        TaskCompletionSource? drained;
        lock (_gate)
        {
            drained = _drained;
            _drained = null;
        }

        drained?.TrySetResult();
    }

    private void OnGone(in LinkClosure closure)
    {
        Life.OnDetached(closure);
        List<TaskCompletionSource<DeliveryState?>> unanswered;
        TaskCompletionSource? drained;
        lock (_gate)
        {
            unanswered = [.. _settling.Values];
            _settling.Clear();
            drained = _drained;
            _drained = null;
        }

        foreach (var answer in unanswered)
        {
            answer.TrySetException(new AmqpException(Life.ClosedError!));
        }

        drained?.TrySetException(new AmqpException(Life.ClosedError!));
        _deliveries.Writer.TryComplete();
    }

    private sealed class LinkEvents(AmqpReceiver receiver) : IReceivingLinkHandler
    {
        public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery) => receiver.OnDelivery(delivery);

        public void OnDisposition(ReceivingLink link, uint deliveryId, DeliveryState? state, bool settled)
        {
            if (settled)
            {
                receiver.OnAnswer(deliveryId, state);
            }
        }

        public void OnDrained(ReceivingLink link) => receiver.OnDrained();

        public void OnDetached(ReceivingLink link, in LinkClosure closure) => receiver.OnGone(closure);
    }
}
