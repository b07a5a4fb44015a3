using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>A link on which we send: a server's answer to a receiver, or a client's sender.</summary>
public sealed class SendingLink : AmqpLink
{
    private const int LongestTag = 32;

    private uint _deliveryCount;
    private uint _credit;
    private bool _drainWaits;

    internal SendingLink(AmqpSession session, string name)
        : base(session, name)
    {
    }

    /// <summary>Deliveries the receiver will take now; 0 until it gave credit.</summary>
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

    /// <summary>The receiver asked for a drain that is not yet complete. Look at it after accepting a held request.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>True when the receiver asked for settled transfers (snd-settle-mode 1): receive-and-delete.</summary>
    public bool IsPreSettled => RemoteAttach?.SndSettleMode == 1;

    /// <summary>Deliveries sent and not yet settled.</summary>
    public int UnsettledCount { get; internal set; }

    internal ISendingLinkHandler? Handler { get; set; }

    internal Action<SendingLink>? Opened { get; init; }

    /// <summary>It is on the connection's list of links that were told Congested.</summary>
    internal bool IsBlocked { get; set; }

    /// <summary>Credit for a caller that holds the gate.</summary>
    internal uint CreditHeld => _credit;

    private protected override bool IsSender => true;

    /// <summary>Sends one message, or says why not. Never blocks; bytes are copied before it returns.</summary>
    /// <param name="delivery">Tag, format, settlement.</param>
    /// <param name="payload">Encoded message sections.</param>
    /// <param name="deliveryId">Its id when Sent; the peer's disposition may come before
    /// the call returns, so prefer <see cref="OutgoingDelivery.Context"/>.</param>
    /// <exception cref="ArgumentException">The tag is longer than 32 bytes.</exception>
    public SendOutcome TrySend(in OutgoingDelivery delivery, ReadOnlySpan<byte> payload, out uint deliveryId) =>
        TrySend(delivery, payload, [], [], out deliveryId);

    /// <summary>
    /// The same with the payload in up to three parts, so that a broker can put fresh header and annotations around stored bytes.
    /// </summary>
    public SendOutcome TrySend(
        in OutgoingDelivery delivery, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, out uint deliveryId)
    {
        if (delivery.Tag.Length > LongestTag)
        {
            throw new ArgumentException($"A delivery-tag has at most {LongestTag} bytes, not {delivery.Tag.Length}.", nameof(delivery));
        }

        deliveryId = 0;
        var payload = new PayloadParts(first, second, third);
        lock (Gate)
        {
            if (!IsOpen)
            {
                return SendOutcome.Closed;
            }

            if (payload.Length > RemoteMaxMessageSize)
            {
                return SendOutcome.TooLarge;
            }

            if (_credit == 0)
            {
                return SendOutcome.NoCredit;
            }

            if (!Session.Outgoing.TrySend(this, delivery, payload, out deliveryId))
            {
                Session.Connection.Output.AddBlocked(this);
                return SendOutcome.Congested;
            }

            _credit--;
            _deliveryCount = unchecked(_deliveryCount + 1);
            Session.Connection.Output.Wake();
            return SendOutcome.Sent;
        }
    }

    /// <summary>
    /// Settles a delivery with a disposition of role sender, settled = true: a broker's answer to an unsettled disposition.
    /// </summary>
    /// <param name="deliveryId">The delivery.</param>
    /// <param name="state">Never null towards Service Bus clients: the same outcome type, or rejected with an error.</param>
    /// <returns>False when the delivery is not unsettled on this link; nothing is sent then.</returns>
    public bool Settle(uint deliveryId, DeliveryState state)
    {
        bool settled;
        lock (Gate)
        {
            settled = IsOpen && Session.Outgoing.TrySettle(this, deliveryId);
            if (settled)
            {
                Session.Connection.Output.Disposition(
                    Session.Channel, new Disposition { First = deliveryId, Settled = true, State = state });
                Session.Connection.Output.Wake();
            }
        }

        return settled;
    }

    /// <summary>Answers a drain: gives up the remaining credit and says so. Does nothing when no drain is asked for.</summary>
    /// <remarks>
    /// A broker whose <c>TrySend</c> was Congested waits for OnSendable and
    /// sends on first: <see cref="IsDraining"/> stays true until this call.
    /// </remarks>
    public void CompleteDrain()
    {
        lock (Gate)
        {
            if (IsDraining && IsOpen)
            {
                AnswerDrain();
            }
        }
    }

    internal void RaiseSendable()
    {
        if (IsOpen)
        {
            Handler?.OnSendable(this);
        }
    }

    internal void RaiseDisposition(in OutgoingDisposition disposition) => Handler?.OnDisposition(this, disposition);

    internal override void OnFlow(in Flow flow)
    {
        bool drain;
        bool sendable;
        lock (Gate)
        {
            if (DetachSent)
            {
                return;
            }

            if (flow.LinkCredit is { } given)
            {
                // Deliveries under way when the receiver wrote its flow are not in its count. AMQP 1.0 part 2, 2.6.7.
                var underWay = unchecked((int)(_deliveryCount - flow.DeliveryCount.GetValueOrDefault()));
                _credit = underWay <= 0 ? given : given > (uint)underWay ? given - (uint)underWay : 0;
            }

            IsDraining = flow.Drain;
            _drainWaits = false;
            drain = IsDraining && _credit > 0;
            sendable = !IsDraining && _credit > 0;
            if (LocalAttach is null)
            {
                return;
            }

            if (IsDraining && _credit == 0)
            {
                AnswerDrain();
            }
            else if (flow.Echo && !drain)
            {
                Session.WriteFlow(this, echo: false);
            }
        }

        if (drain)
        {
            Handler?.OnDrain(this);
        }
        else if (sendable)
        {
            RaiseSendable();
        }
    }

    internal override void FillFlow(ref Flow flow)
    {
        flow.Handle = LocalHandle;
        flow.DeliveryCount = _deliveryCount;
        flow.LinkCredit = _credit;
        flow.Available = 0;
        flow.Drain = IsDraining;
    }

    private protected override void RaiseOpened() => Opened?.Invoke(this);

    private protected override void RaiseDetached(in LinkClosure closure) => Handler?.OnDetached(this, closure);

    /// <summary>The last frame of a delivery that had to wait is out. Gate held.</summary>
    internal void Finished()
    {
        if (_drainWaits && IsOpen)
        {
            AnswerDrain();
        }
    }

    // Gate held. Receivers count a delivery at its last frame, so the answer must not overtake one that is still being sent.
    private void AnswerDrain()
    {
        _drainWaits = Session.Outgoing.IsUnfinished(this);
        if (_drainWaits)
        {
            return;
        }

        _deliveryCount = unchecked(_deliveryCount + _credit);
        _credit = 0;
        Session.WriteFlow(this, echo: false);
        IsDraining = false;
        Session.Connection.Output.Wake();
    }
}
