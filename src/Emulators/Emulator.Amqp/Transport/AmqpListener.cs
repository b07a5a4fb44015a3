using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Emulator.Amqp.Transport;

/// <summary>Serves AMQP on a TCP port, and on any stream handed to it.</summary>
public sealed class AmqpListener : IAsyncDisposable
{
    private readonly AmqpListenerOptions _options;
    private readonly Func<AmqpConnection, IConnectionHandler> _handlerFactory;
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly ConcurrentDictionary<AmqpConnection, Task> _connections = new();
    private readonly Task _accepting;
    private int _count;

    private AmqpListener(
        IReadOnlyList<Socket> sockets, AmqpListenerOptions options, Func<AmqpConnection, IConnectionHandler> handlerFactory)
    {
        _sockets = sockets;
        _options = options;
        _handlerFactory = handlerFactory;
        _logger = options.Connection.LoggerFactory.CreateLogger<AmqpListener>();
        EndPoint = (IPEndPoint)sockets[0].LocalEndPoint!;
        _accepting = Task.WhenAll(sockets.Select(socket => Task.Run(() => AcceptAsync(socket))));
    }

    /// <summary>The bound address and port; with several, the first.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections served now, handshakes included.</summary>
    public int ConnectionCount => Volatile.Read(ref _count);

    /// <summary>Binds and starts to accept.</summary>
    /// <param name="endPoint">Port 0 takes a free one.</param>
    /// <param name="options">Limits.</param>
    /// <param name="handlerFactory">Called once per connection, before its first byte is read.</param>
    /// <exception cref="SocketException">The port cannot be bound.</exception>
    public static AmqpListener Start(
        IPEndPoint endPoint, AmqpListenerOptions options, Func<AmqpConnection, IConnectionHandler> handlerFactory)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return Start([socket], options, handlerFactory);
    }

    /// <summary>Starts to accept on sockets that are bound, at two addresses of one port for instance.</summary>
    /// <param name="bound">One or more, which do not listen yet; disposed with the listener, and when this fails.</param>
    /// <param name="options">Limits.</param>
    /// <param name="handlerFactory">Called once per connection, before its first byte is read.</param>
    /// <exception cref="SocketException">One cannot listen.</exception>
    public static AmqpListener Start(
        IReadOnlyList<Socket> bound, AmqpListenerOptions options, Func<AmqpConnection, IConnectionHandler> handlerFactory)
    {
        ArgumentNullException.ThrowIfNull(bound);
        try
        {
            ArgumentNullException.ThrowIfNull(options);
            ArgumentNullException.ThrowIfNull(handlerFactory);
            ConnectionOptionsCheck.Validate(options.Connection);
            foreach (var socket in bound) socket.Listen(options.Backlog);
            return new AmqpListener(bound, options, handlerFactory);
        }
        catch
        {
            Dispose(bound);
            throw;
        }
    }

    /// <summary>
    /// Serves one connection on a stream made elsewhere (TLS, WebSocket, memory) until it is over, then disposes the stream.
    /// </summary>
    /// <param name="stream">Bytes of the concatenated frames.</param>
    /// <param name="remoteEndpoint">For logs; may be null.</param>
    /// <param name="cancellationToken">Drops the connection.</param>
    public async Task ServeAsync(Stream stream, string? remoteEndpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Interlocked.Increment(ref _count);
        try
        {
            await RunAsync(stream, remoteEndpoint, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Stops accepting, closes every connection with an error, and waits until they are over.</summary>
    /// <param name="error">Null sends amqp:connection:forced.</param>
    /// <param name="cancellationToken">Drops what is still open.</param>
    public async Task StopAsync(AmqpError? error, CancellationToken cancellationToken)
    {
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Dispose(_sockets);
        error ??= new AmqpError(AmqpCondition.ConnectionForced, "The server is stopping.");
        while (!_connections.IsEmpty)
        {
            var open = _connections.ToArray();
            foreach (var (connection, _) in open)
            {
                connection.Close(error);
            }

            var all = Task.WhenAll(Array.ConvertAll(open, static pair => pair.Value));
            try
            {
                await all.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Array.ForEach(open, static pair => pair.Key.Abort());
                await all.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops as <see cref="StopAsync"/> does and drops what does not close within the close timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(null, CancellationToken.None).ConfigureAwait(false);
        _stopAccepting.Dispose();
    }

    private static void Dispose(IReadOnlyList<Socket> sockets)
    {
        foreach (var socket in sockets) socket.Dispose();
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (!_stopAccepting.IsCancellationRequested)
        {
            try
            {
                var accepted = await socket.AcceptAsync(_stopAccepting.Token).ConfigureAwait(false);
                _ = ServeSocketAsync(accepted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // A peer that gave up, or no file handle left: neither ends the service. Without a pause the latter would spin.
                AmqpLog.AcceptFailed(_logger, exception);
                await Task.Delay(
                    TimeSpan.FromMilliseconds(50), _options.Connection.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeSocketAsync(Socket socket)
    {
        if (Interlocked.Increment(ref _count) > _options.MaxConnections)
        {
            AmqpLog.TooManyConnections(_logger, socket.RemoteEndPoint?.ToString(), _options.MaxConnections);
            socket.Dispose();
            Interlocked.Decrement(ref _count);
            return;
        }

        try
        {
            socket.NoDelay = true;
            var remoteEndpoint = socket.RemoteEndPoint?.ToString();
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_options.Wrap is { } wrap)
            {
                stream = await WrapAsync(wrap, stream).ConfigureAwait(false);
            }

            await RunAsync(stream, remoteEndpoint, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or System.Security.Authentication.AuthenticationException)
        {
            AmqpLog.AcceptFailed(_logger, exception);
            socket.Dispose();
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private async Task<Stream> WrapAsync(Func<Stream, CancellationToken, ValueTask<Stream>> wrap, Stream stream)
    {
        using var timeout = new CancellationTokenSource(_options.Connection.HandshakeTimeout, _options.Connection.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopAccepting.Token);
        try
        {
            return await wrap(stream, linked.Token).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync(Stream stream, string? remoteEndpoint, CancellationToken cancellationToken)
    {
        var connection = new AmqpConnection(_options.Connection, isServer: true, remoteEndpoint);
        connection.Handler = _handlerFactory(connection);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = done.Task;
        try
        {
            using var transport = new AmqpTransport(connection, stream);
            await transport.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            done.SetResult();
        }
    }
}
