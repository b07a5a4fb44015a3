using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>One AMQP connection, either end: bytes in, bytes and events out, no socket. Members may be called from any thread.</summary>
/// <remarks>
/// Frames are taken by <see cref="FrameDispatcher"/>, time by <see cref="ConnectionTimers"/>; this type holds what they share.
/// </remarks>
public sealed class AmqpConnection
{
    // Guards the state of the connection, its sessions and links, and the output. No await and no handler runs inside.
    internal readonly Lock Gate = new();

    internal readonly ConnectionOutput Output;
    internal readonly SlotTable<AmqpSession> Local = new();
    internal readonly SlotTable<AmqpSession> Remote = new();

    private Phase _phase = Phase.Handshake;
    private AmqpError? _closeError;
    private bool _ended;
    private bool _hasStalled;
    private long _linkStateBytes;

    internal AmqpConnection(AmqpConnectionOptions options, bool isServer, string? remoteEndpoint)
    {
        Options = options;
        IsServer = isServer;
        RemoteEndpoint = remoteEndpoint;
        Output = new ConnectionOutput(options.OutputHighWaterBytes);
        Handshake = new Handshake(this, isServer);
        Dispatcher = new FrameDispatcher(this);
        Timers = new ConnectionTimers(this);
    }

    internal enum Phase
    {
        /// <summary>Headers, SASL and opens are not all exchanged.</summary>
        Handshake,

        /// <summary>Both opens were exchanged.</summary>
        Open,

        /// <summary>Our close is out; everything but the peer's close is ignored.</summary>
        CloseSent,

        /// <summary>Nothing more is read; what is written still leaves.</summary>
        Finished,
    }

    /// <summary>Parameters of this end.</summary>
    public AmqpConnectionOptions Options { get; }

    /// <summary>The peer's open; null until it arrived.</summary>
    public Open? RemoteOpen { get; internal set; }

    /// <summary>The client's SASL init (server side); null until it arrived.</summary>
    public SaslInit? Sasl { get; internal set; }

    /// <summary>Name of the transport's far end for logs; may be null.</summary>
    public string? RemoteEndpoint { get; }

    /// <summary>For the handler's own use.</summary>
    public object? Context { get; set; }

    /// <summary>True from the exchange of opens until either side closes.</summary>
    public bool IsOpen => _phase == Phase.Open;

    /// <summary>Live sessions.</summary>
    public IReadOnlyList<AmqpSession> Sessions
    {
        get
        {
            lock (Gate)
            {
                return Local.ToList();
            }
        }
    }

    internal IConnectionHandler Handler { get; set; } = null!;

    internal Handshake Handshake { get; }

    internal FrameDispatcher Dispatcher { get; }

    internal ConnectionTimers Timers { get; }

    internal ReadOnlyMemory<byte>? PlainResponse { get; init; }

    internal bool IsServer { get; }

    internal Phase State => _phase;

    internal bool OpenSent { get; private set; }

    /// <summary>True when the transport has nothing left to read.</summary>
    internal bool IsFinished => _phase == Phase.Finished;

    /// <summary>Drops the transport; null while there is none.</summary>
    internal Action? AbortTransport { get; set; }

    /// <summary>Bytes of unfinished deliveries. Guarded by the gate.</summary>
    internal long UnfinishedBytes { get; set; }

    /// <summary>Begins a session (client side). <see cref="IConnectionHandler.OnSessionBegin"/> follows.</summary>
    /// <returns>The session, or null when the connection is not open or has no free channel.</returns>
    internal AmqpSession? BeginSession()
    {
        lock (Gate)
        {
            if (_phase != Phase.Open || !Local.TryFindFree(0, Math.Min(Options.ChannelMax, RemoteOpen!.ChannelMax), out var channel))
            {
                return null;
            }

            var session = new AmqpSession(this, (ushort)channel);
            Local.Set(channel, session);
            session.WriteBegin(remoteChannel: null);
            Output.Wake();
            return session;
        }
    }

    /// <summary>
    /// Sends close; later calls do nothing. The transport is dropped when the peer answered or
    /// <see cref="AmqpConnectionOptions.CloseTimeout"/> passed.
    /// </summary>
    /// <param name="error">Null for an orderly close.</param>
    public void Close(AmqpError? error = null)
    {
        var drop = false;
        lock (Gate)
        {
            if (_phase is Phase.CloseSent or Phase.Finished)
            {
                return;
            }

            _closeError ??= error;
            if (!Handshake.IsDone)
            {
                _phase = Phase.Finished;
                drop = true;
            }
            else
            {
                if (!OpenSent)
                {
                    WriteOpen();
                }

                WriteClose(error);
                _phase = Phase.CloseSent;
                Timers.CloseSent();
                Output.Wake();
            }
        }

        if (drop)
        {
            AbortTransport?.Invoke();
        }
    }

    /// <summary>Drops the transport without a word.</summary>
    public void Abort() => Abort(null);

    internal void Abort(AmqpError? error)
    {
        lock (Gate)
        {
            _closeError ??= error;
            _phase = Phase.Finished;
        }

        AbortTransport?.Invoke();
    }

    /// <summary>Ends a handshake that went wrong: what is written still leaves, nothing more is read. On the read loop.</summary>
    internal void Drop(AmqpError error)
    {
        lock (Gate)
        {
            _closeError ??= error;
            _phase = Phase.Finished;
        }
    }

    /// <summary>The peer's open arrived. Gate held.</summary>
    internal void Opened()
    {
        if (!OpenSent)
        {
            WriteOpen();
        }

        if (_phase == Phase.Handshake)
        {
            _phase = Phase.Open;
            Timers.Rearm?.Invoke(TimeSpan.Zero);
        }
    }

    /// <summary>The peer's close arrived.</summary>
    internal void Closed(AmqpError? error)
    {
        lock (Gate)
        {
            if (_phase != Phase.CloseSent)
            {
                _closeError ??= error;
                if (!OpenSent)
                {
                    WriteOpen();
                }

                WriteClose(null);
            }

            _phase = Phase.Finished;
        }
    }

    internal void WriteOpen()
    {
        OpenSent = true;
        var writer = Output.Begin(FrameWriter.AmqpType, 0, out var start);
        new Open
        {
            ContainerId = Options.ContainerId,
            HostName = Options.HostName,
            MaxFrameSize = Options.MaxFrameSize,
            ChannelMax = Options.ChannelMax,
            IdleTimeoutMs = Options.IdleTimeout > TimeSpan.Zero ? (uint)Options.IdleTimeout.TotalMilliseconds : null,
            Properties = Options.Properties,
        }.Write(writer);
        Output.End(start);
    }

    /// <summary>Counts the bytes of a begin or attach that is kept; false when they are too many. Gate held.</summary>
    internal bool TryHold(int bytes)
    {
        if (_linkStateBytes + bytes > Options.MaxLinkStateBytes)
        {
            return false;
        }

        _linkStateBytes += bytes;
        return true;
    }

    internal void ReleaseHeld(int bytes) => _linkStateBytes -= bytes;

    /// <summary>
    /// Tells links that were refused for congestion to try again. No gate held; from the thread that flushes or the read loop.
    /// </summary>
    internal void NotifyBlocked()
    {
        if (!Output.HasBlocked)
        {
            return;
        }

        List<SendingLink> links;
        lock (Gate)
        {
            if (Output.IsCongested)
            {
                return;
            }

            links = new List<SendingLink>();
            Output.TakeBlocked(links);
        }

        foreach (var link in links)
        {
            link.RaiseSendable();
        }
    }

    /// <summary>Continues deliveries that stopped at the output's high water mark. No gate held.</summary>
    internal void ContinueOutgoing()
    {
        if (!_hasStalled)
        {
            return;
        }

        lock (Gate)
        {
            if (_phase != Phase.Open || !_hasStalled)
            {
                return;
            }

            _hasStalled = false;
            foreach (var session in Local.ToList())
            {
                session.Outgoing.Continue();
            }
        }
    }

    /// <summary>A session has a delivery that waits for the output to drain. Gate held.</summary>
    internal void NoteStalled() => _hasStalled = true;

    /// <summary>The transport is over: tells links, sessions and the handler, once. On the read loop's last breath.</summary>
    internal void Finish(AmqpError? transportError)
    {
        List<AmqpSession> sessions;
        AmqpError? error;
        lock (Gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            error = _phase == Phase.Open ? _closeError ?? transportError : _closeError;
            if (_phase == Phase.Handshake)
            {
                error ??= transportError ?? new AmqpError(
                    AmqpCondition.ConnectionForced, "The transport ended before the connection was open.");
            }

            _phase = Phase.Finished;
            sessions = Local.ToList();
        }

        foreach (var session in sessions)
        {
            session.Dissolve(ClosureScope.Connection, byPeer: true, error);
        }

        Handler.OnClosed(this, error);
        lock (Gate)
        {
            Output.Release();
        }
    }

    private void WriteClose(AmqpError? error)
    {
        var writer = Output.Begin(FrameWriter.AmqpType, 0, out var start);
        new Close(error).Write(writer);
        Output.End(start);
    }
}
