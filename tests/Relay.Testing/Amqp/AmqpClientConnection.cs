using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Transport;

namespace Relay.Testing.Amqp;

/// <summary>A client's connection. Members may be called from any thread.</summary>
public sealed class AmqpClientConnection : IAsyncDisposable
{
    private readonly ClientHandler _handler;
    private readonly CancellationTokenSource _drop = new();
    private readonly AmqpTransport _transport;
    private readonly Task _running;

    private AmqpClientConnection(Stream stream, AmqpClientOptions options)
    {
        var connectionOptions = options.Connection with { HostName = options.Connection.HostName ?? options.Host };
        ReadOnlyMemory<byte>? plain = null;
        if (options.Plain is { } credentials)
        {
            connectionOptions = connectionOptions with { SaslMechanisms = [new("PLAIN")] };
            plain = Encoding.UTF8.GetBytes($"\0{credentials.User}\0{credentials.Password}");
        }

        Connection = new AmqpConnection(connectionOptions, isServer: false, $"{options.Host}:{options.Port}") { PlainResponse = plain };
        _handler = new ClientHandler();
        Connection.Handler = _handler;
        _transport = new AmqpTransport(Connection, stream);
        _running = _transport.RunAsync(_drop.Token);
    }

    /// <summary>The state machine beneath.</summary>
    public AmqpConnection Connection { get; }

    /// <summary>Until either side closes.</summary>
    public bool IsOpen => Connection.IsOpen;

    /// <summary>
    /// Completes, never faults, when the connection is over: the peer's or transport's error, or null after an orderly close.
    /// </summary>
    public Task<AmqpError?> Closed => _handler.Closed;

    /// <summary>Connects and completes SASL and the exchange of opens.</summary>
    /// <exception cref="AmqpException">The peer refused or closed.</exception>
    /// <exception cref="IOException">The transport failed; sockets and TLS failures are inner exceptions.</exception>
    /// <exception cref="TimeoutException">The handshake timeout passed.</exception>
    public static async Task<AmqpClientConnection> ConnectAsync(AmqpClientOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var timeout = new CancellationTokenSource(options.Connection.HandshakeTimeout, options.Connection.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var stream = await OpenStreamAsync(options, linked.Token).ConfigureAwait(false);
            return await ConnectAsync(stream, options, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{options.Host}:{options.Port} did not complete the AMQP handshake within {options.Connection.HandshakeTimeout}.");
        }
    }

    /// <summary>The same over a stream made elsewhere (WebSocket, memory), which the connection then owns.</summary>
    public static async Task<AmqpClientConnection> ConnectAsync(
        Stream stream, AmqpClientOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        ConnectionOptionsCheck.Validate(options.Connection);
        var connection = new AmqpClientConnection(stream, options);
        try
        {
            await connection._handler.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Connection.Abort();
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins a session, for several links on one.</summary>
    /// <exception cref="AmqpException">The connection is over or out of channels.</exception>
    public async Task<AmqpSession> BeginSessionAsync(CancellationToken cancellationToken)
    {
        var session = Connection.BeginSession() ?? throw new AmqpException(ClosedError(Connection.IsOpen
            ? new AmqpError(AmqpCondition.ResourceLimitExceeded, "The connection has no free channel.")
            : null));
        try
        {
            await _handler.WaitForBeginAsync(session).WaitAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (OperationCanceledException)
        {
            session.End();
            throw;
        }
    }

    /// <summary>Opens a sender, on a session of its own unless one is given.</summary>
    /// <exception cref="AmqpException">The peer refused; its error is kept.</exception>
    public async Task<AmqpSender> OpenSenderAsync(AmqpSenderOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var session = options.Session ?? await BeginSessionAsync(cancellationToken).ConfigureAwait(false);
        var sender = new AmqpSender(ownsSession: options.Session is null);
        sender.Attach(session, options);
        await sender.Life.WaitForOpenAsync(cancellationToken).ConfigureAwait(false);
        return sender;
    }

    /// <summary>Opens a receiver, on a session of its own unless one is given. Waits as long as the peer holds the answer back.</summary>
    /// <exception cref="AmqpException">The peer refused; its error is kept.</exception>
    public async Task<AmqpReceiver> OpenReceiverAsync(AmqpReceiverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var session = options.Session ?? await BeginSessionAsync(cancellationToken).ConfigureAwait(false);
        var receiver = new AmqpReceiver(options.OnDelivery, ownsSession: options.Session is null);
        receiver.Attach(session, options);
        await receiver.Life.WaitForOpenAsync(cancellationToken).ConfigureAwait(false);
        return receiver;
    }

    /// <summary>
    /// Opens a pair of links to a request/response node such as <c>$cbs</c> or <c>q1/$management</c>, on a session of its own.
    /// </summary>
    /// <exception cref="AmqpException">The peer refused; its error is kept.</exception>
    public Task<AmqpRequestLink> OpenRequestLinkAsync(string address, CancellationToken cancellationToken) =>
        AmqpRequestLink.OpenAsync(this, address, cancellationToken);

    /// <summary>Closes in order and waits for the peer's answer, at most the close timeout.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        Connection.Close();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes as <see cref="CloseAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        _transport.Dispose();
        _drop.Dispose();
    }

    internal static AmqpError ClosedError(AmqpError? error) =>
        error ?? new AmqpError(AmqpCondition.ConnectionForced, "The connection is closed.");

    private static async Task<Stream> OpenStreamAsync(AmqpClientOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                var secured = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = secured;
                tls.TargetHost ??= options.Host;
                await secured.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            }

            return stream;
        }
        catch (Exception exception)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            if (exception is SocketException or AuthenticationException)
            {
                throw new IOException($"Connecting to {options.Host}:{options.Port} failed: {exception.Message}", exception);
            }

            throw;
        }
    }
}
