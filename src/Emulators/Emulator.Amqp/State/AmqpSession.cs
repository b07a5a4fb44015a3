using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>One session: windows, delivery-ids and links. Members may be called from any thread.</summary>
public sealed class AmqpSession
{
    // Transfer-ids of a session start here on our side. AMQP 1.0 part 2, 2.5.6 leaves the number free.
    private const uint FirstOutgoingId = 1;

    private uint _nextIncomingId;
    private uint _incomingWindow;
    private ushort _remoteChannel;
    private bool _matched;
    private bool _beginSent;
    private bool _dissolved;
    private AmqpError? _endError;

    internal AmqpSession(AmqpConnection connection, ushort channel)
    {
        Connection = connection;
        Channel = channel;
        _incomingWindow = connection.Options.IncomingWindow;
        Attached = new SessionLinks(this);
        Incoming = new IncomingTransfers(this);
        Outgoing = new OutgoingTransfers(this) { NextOutgoingId = FirstOutgoingId };
    }

    /// <summary>Its connection.</summary>
    public AmqpConnection Connection { get; }

    /// <summary>Our channel number.</summary>
    public ushort Channel { get; }

    /// <summary>True from the exchange of begins until either side ends.</summary>
    public bool IsOpen => _matched && _beginSent && !IsEnding && !_dissolved;

    /// <summary>For the handler's own use.</summary>
    public object? Context { get; set; }

    internal SessionLinks Attached { get; }

    internal IncomingTransfers Incoming { get; }

    internal OutgoingTransfers Outgoing { get; }

    /// <summary>Our end is out.</summary>
    internal bool IsEnding { get; private set; }

    internal uint RemoteHandleMax { get; private set; } = uint.MaxValue;

    internal int HeldBytes { get; set; }

    /// <summary>Live accepted links.</summary>
    public IReadOnlyList<AmqpLink> Links => Attached.Live();

    /// <summary>Attaches a link on which we send (client side).</summary>
    /// <returns>The link, not yet attached, or null when the session is over or has no free handle.</returns>
    /// <remarks>The peer's answer comes to <paramref name="opened"/>; a refusal comes to <see cref="ISendingLinkHandler.OnDetached"/>
    /// alone.</remarks>
    internal SendingLink? AttachSender(Attach attach, ISendingLinkHandler handler, Action<SendingLink> opened)
    {
        ArgumentNullException.ThrowIfNull(attach);
        ArgumentNullException.ThrowIfNull(handler);
        var link = new SendingLink(this, attach.Name) { Handler = handler, Opened = opened };
        return Attached.TryAttach(link, attach with { IsReceiver = false, InitialDeliveryCount = 0 }) ? link : null;
    }

    /// <summary>Attaches a link on which the peer sends (client side).</summary>
    /// <inheritdoc cref="AttachSender"/>
    internal ReceivingLink? AttachReceiver(Attach attach, IReceivingLinkHandler handler, Action<ReceivingLink> opened)
    {
        ArgumentNullException.ThrowIfNull(attach);
        ArgumentNullException.ThrowIfNull(handler);
        var link = new ReceivingLink(this, attach.Name) { Handler = handler, Opened = opened };
        link.SetMaxMessageSize((long?)attach.MaxMessageSize);
        return Attached.TryAttach(link, attach with { IsReceiver = true, InitialDeliveryCount = null }) ? link : null;
    }

    /// <summary>Ends the session; its links are told with scope Session when the peer answered.</summary>
    /// <param name="error">Null for an orderly end.</param>
    public void End(AmqpError? error = null)
    {
        lock (Connection.Gate)
        {
            if (!_beginSent || IsEnding || _dissolved || Connection.State != AmqpConnection.Phase.Open)
            {
                return;
            }

            WriteEnd(error);
            _endError = error;
            IsEnding = true;
            Connection.Output.Wake();
        }
    }

    /// <summary>
    /// Ends the session for a violation, and tells its links at once: a peer that broke the protocol may never answer. Read loop only.
    /// </summary>
    internal void Fail(AmqpError error)
    {
        End(error);
        DissolveLinks(ClosureScope.Session, byPeer: false, error);
    }

    internal void WriteBegin(ushort? remoteChannel)
    {
        _beginSent = true;
        var options = Connection.Options;
        var writer = Connection.Output.Begin(FrameWriter.AmqpType, Channel, out var start);
        new Begin
        {
            RemoteChannel = remoteChannel,
            NextOutgoingId = Outgoing.NextOutgoingId,
            IncomingWindow = options.IncomingWindow,
            OutgoingWindow = options.IncomingWindow,
            HandleMax = options.HandleMax,
        }.Write(writer);
        Connection.Output.End(start);
    }

    /// <summary>Pairs this session with the peer's begin. Gate held.</summary>
    internal bool TryMatch(ushort remoteChannel, Begin begin)
    {
        if (_matched)
        {
            return false;
        }

        _matched = true;
        _remoteChannel = remoteChannel;
        _nextIncomingId = begin.NextOutgoingId;
        Outgoing.RemoteIncomingWindow = begin.IncomingWindow;
        RemoteHandleMax = begin.HandleMax;
        Connection.Remote.Set(remoteChannel, this);
        return true;
    }

    /// <summary>
    /// Counts one transfer frame of the peer. The window is renewed at half, so it never closes: link credit is what holds a peer back.
    /// Gate held.
    /// </summary>
    internal void CountTransfer()
    {
        _incomingWindow--;
        _nextIncomingId = unchecked(_nextIncomingId + 1);
        if (_incomingWindow <= Connection.Options.IncomingWindow / 2)
        {
            _incomingWindow = Connection.Options.IncomingWindow;
            WriteFlow(null, echo: false);
        }
    }

    /// <summary>Writes a flow with the session's state and, for a link, its own. Gate held.</summary>
    internal void WriteFlow(AmqpLink? link, bool echo)
    {
        var flow = new Flow
        {
            NextIncomingId = _matched ? _nextIncomingId : null,
            IncomingWindow = _incomingWindow,
            NextOutgoingId = Outgoing.NextOutgoingId,
            OutgoingWindow = Connection.Options.IncomingWindow,
            Echo = echo,
        };
        link?.FillFlow(ref flow);
        var writer = Connection.Output.Begin(FrameWriter.AmqpType, Channel, out var start);
        flow.Write(writer);
        Connection.Output.End(start);
    }

    internal void OnFlow(in Flow flow)
    {
        AmqpLink? link = null;
        List<SendingLink>? reopened = null;
        lock (Connection.Gate)
        {
            reopened = Outgoing.OnWindow(flow) ? Attached.WithCredit() : null;
            if (flow.Handle is null && flow.Echo)
            {
                WriteFlow(null, echo: false);
            }
        }

        if (flow.Handle is { } handle)
        {
            if (!Attached.TryRemote(handle, out link))
            {
                Fail(new AmqpError(AmqpCondition.UnattachedHandle, $"Expected a flow for an attached handle, got handle {handle}."));
                return;
            }

            link.OnFlow(flow);
        }

        foreach (var sender in reopened ?? [])
        {
            if (!ReferenceEquals(sender, link))
            {
                sender.RaiseSendable();
            }
        }
    }

    internal void OnDisposition(in Disposition disposition)
    {
        var length = unchecked((disposition.Last ?? disposition.First) - disposition.First);
        if (length > int.MaxValue)
        {
            Fail(new AmqpError(AmqpCondition.InvalidField, $"Expected first not after last, got {disposition.First} to {disposition.Last}."));
            return;
        }

        if (disposition.IsReceiver)
        {
            Outgoing.OnDisposition(disposition, length);
        }
        else
        {
            Incoming.OnDisposition(disposition, length);
        }
    }

    internal void OnEnd(AmqpError? error)
    {
        var byPeer = !IsEnding;
        lock (Connection.Gate)
        {
            if (byPeer)
            {
                WriteEnd(null);
                IsEnding = true;
            }
        }

        Dissolve(ClosureScope.Session, byPeer, byPeer ? error : _endError ?? error);
    }

    /// <summary>Tells links and handler that the session is gone, and frees its channel. Read loop only; later calls do nothing.</summary>
    internal void Dissolve(ClosureScope scope, bool byPeer, AmqpError? error)
    {
        DissolveLinks(scope, byPeer, error);
        lock (Connection.Gate)
        {
            if (_dissolved)
            {
                return;
            }

            _dissolved = true;
            Connection.Local.Remove(Channel, this);
            if (_matched)
            {
                Connection.Remote.Remove(_remoteChannel, this);
            }

            Connection.ReleaseHeld(HeldBytes);
        }

        Connection.Handler.OnSessionEnd(this, error);
    }

    private void DissolveLinks(ClosureScope scope, bool byPeer, AmqpError? error)
    {
        foreach (var link in Attached.TakeAll())
        {
            link.Dissolve(new LinkClosure(scope, byPeer, error));
        }

        lock (Connection.Gate)
        {
            Outgoing.Drop();
            Incoming.Drop();
        }
    }

    private void WriteEnd(AmqpError? error)
    {
        var writer = Connection.Output.Begin(FrameWriter.AmqpType, Channel, out var start);
        new End(error).Write(writer);
        Connection.Output.End(start);
    }
}
