using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>A link on which the peer sends: a server's answer to a sender, or a client's receiver.</summary>
public sealed class ReceivingLink : AmqpLink
{
    private uint _deliveryCount;
    private uint _credit;
    private uint _window;
    private bool _draining;

    internal ReceivingLink(AmqpSession session, string name)
        : base(session, name) => MaxMessageSize = session.Connection.Options.MaxMessageSize;

    /// <summary>Deliveries the peer may still send.</summary>
    public uint Credit
    {
        get
        {
            lock (Gate)
            {
                return _credit;
            }
        }
    }

    /// <summary>Deliveries received and not yet settled.</summary>
    public int UnsettledCount { get; internal set; }

    internal IReceivingLinkHandler? Handler { get; set; }

    internal Action<ReceivingLink>? Opened { get; init; }

    internal long MaxMessageSize { get; private set; }

    /// <summary>The delivery whose last frame has not come; null between deliveries.</summary>
    internal PartialDelivery? Partial { get; set; }

    private protected override bool IsSender => false;

    /// <summary>Sets credit to a number of deliveries from now on, and ends a drain.</summary>
    public void SetCredit(uint credit)
    {
        lock (Gate)
        {
            if (IsOpen)
            {
                _credit = credit;
                _draining = false;
                Session.WriteFlow(this, echo: false);
                Session.Connection.Output.Wake();
            }
        }
    }

    /// <summary>Adds to the credit, and ends a drain.</summary>
    public void AddCredit(uint credit)
    {
        lock (Gate)
        {
            SetCredit((uint)Math.Min((ulong)_credit + credit, uint.MaxValue));
        }
    }

    /// <summary>
    /// Asks the peer to use or give up its credit; <see cref="IReceivingLinkHandler.OnDrained"/>
    /// follows, and all deliveries sent before come first.
    /// </summary>
    public void Drain()
    {
        lock (Gate)
        {
            if (IsOpen)
            {
                _draining = true;
                Session.WriteFlow(this, echo: false);
                Session.Connection.Output.Wake();
            }
        }
    }

    /// <summary>Settles a delivery with a disposition of role receiver, settled = true: a broker's answer to a send.</summary>
    /// <returns>False when the delivery is not unsettled on this link; nothing is sent then.</returns>
    public bool Settle(uint deliveryId, DeliveryState state)
    {
        lock (Gate)
        {
            if (!IsOpen || !Session.Incoming.TrySettle(this, deliveryId))
            {
                return false;
            }

            Session.Connection.Output.Disposition(
                Session.Channel, new Disposition { IsReceiver = true, First = deliveryId, Settled = true, State = state });
            TopUp();
            Session.Connection.Output.Wake();
            return true;
        }
    }

    /// <summary>
    /// Tells a state without settling, as peek-lock receivers do;
    /// <see cref="IReceivingLinkHandler.OnDisposition"/> brings the peer's settled answer.
    /// </summary>
    /// <returns>False when the delivery is not unsettled on this link; nothing is sent then.</returns>
    public bool Update(uint deliveryId, DeliveryState state)
    {
        lock (Gate)
        {
            if (!IsOpen || !Session.Incoming.IsUnsettled(this, deliveryId))
            {
                return false;
            }

            Session.Connection.Output.Disposition(
                Session.Channel, new Disposition { IsReceiver = true, First = deliveryId, State = state });
            Session.Connection.Output.Wake();
            return true;
        }
    }

    internal void SetMaxMessageSize(long? bytes) => MaxMessageSize = bytes is > 0 ? bytes.Value : MaxMessageSize;

    /// <summary>
    /// Takes over the sender's delivery-count, from which both sides count credit. AMQP 1.0 part 2, 2.6.7. Gate held, or nothing sent yet.
    /// </summary>
    internal void CountFrom(Attach sender) => _deliveryCount = sender.InitialDeliveryCount ?? 0;

    /// <summary>Gives the first credit and keeps it up. Gate held.</summary>
    internal void OpenCredit(uint window)
    {
        _window = window;
        if (window > 0)
        {
            SetCredit(window);
        }
    }

    /// <summary>Takes credit for a delivery that begins; false when there is none. Gate held.</summary>
    internal bool TrySpendCredit()
    {
        if (_credit == 0)
        {
            return false;
        }

        _credit--;
        _deliveryCount = unchecked(_deliveryCount + 1);
        return true;
    }

    /// <summary>Renews credit once half the window is used. Gate held.</summary>
    internal void TopUp()
    {
        if (_window == 0)
        {
            return;
        }

        var free = (long)_window - UnsettledCount - _credit;
        if (free > 0 && (free >= _window / 2 || _credit == 0))
        {
            SetCredit((uint)(_window - UnsettledCount));
        }
    }

    /// <summary>True once, when a drain ended because credit is used up. Gate held.</summary>
    internal bool TakeDrained()
    {
        if (!_draining || _credit > 0)
        {
            return false;
        }

        _draining = false;
        return true;
    }

    internal void RaiseDelivery(in IncomingDelivery delivery) => Handler?.OnDelivery(this, delivery);

    internal void RaiseDisposition(uint deliveryId, DeliveryState? state, bool settled) =>
        Handler?.OnDisposition(this, deliveryId, state, settled);

    internal void RaiseDrained() => Handler?.OnDrained(this);

    internal override void OnFlow(in Flow flow)
    {
        bool drained;
        lock (Gate)
        {
            if (DetachSent || LocalAttach is null)
            {
                return;
            }

            var ahead = flow.DeliveryCount is { } count ? unchecked((int)(count - _deliveryCount)) : 0;
            if (ahead > 0)
            {
                _credit = _credit > (uint)ahead ? _credit - (uint)ahead : 0;
                _deliveryCount = flow.DeliveryCount!.Value;
            }

            drained = TakeDrained();
            if (flow.Echo)
            {
                Session.WriteFlow(this, echo: false);
            }
        }

        if (drained)
        {
            RaiseDrained();
        }

        Handler?.OnFlow(this);
    }

    internal override void FillFlow(ref Flow flow)
    {
        flow.Handle = LocalHandle;
        flow.DeliveryCount = _deliveryCount;
        flow.LinkCredit = _credit;
        flow.Drain = _draining;
    }

    private protected override void RaiseOpened()
    {
        CountFrom(RemoteAttach!);
        Opened?.Invoke(this);
    }

    private protected override void RaiseDetached(in LinkClosure closure) => Handler?.OnDetached(this, closure);
}
