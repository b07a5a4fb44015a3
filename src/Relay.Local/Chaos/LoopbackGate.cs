using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Emulator.Hosting;

namespace Relay.Local.Chaos;

/// <summary>
/// A port in front of a server on this machine, which can refuse connections, cut those that there are, and hand on late what the server
/// says. Safe for concurrent use.
/// </summary>
internal sealed class LoopbackGate : IAsyncDisposable
{
    private const int Backlog = 128;
    private const int ChunkBytes = 16 * 1024;

    // Chunks of one connection that wait for their time; a server that says more than that waits, as for a slow network.
    private const int MaxDelayed = 256;

    // Bound and never listening: nobody else is given the port while the gate refuses connections.
    private readonly IReadOnlyList<Socket> _kept;
    private readonly IPEndPoint _server;
    private readonly Func<TimeSpan> _delay;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();

    // Guards the two below. No await inside.
    private readonly Lock _gate = new();
    private readonly List<Task> _accepting = [];
    private List<Socket>? _listening;

    private LoopbackGate(IReadOnlyList<Socket> kept, IPEndPoint server, Func<TimeSpan> delay, TimeProvider time)
    {
        _kept = kept;
        _server = server;
        _delay = delay;
        _time = time;
    }

    /// <summary>Where clients connect, at both loopback addresses.</summary>
    public int Port => ((IPEndPoint)_kept[0].LocalEndPoint!).Port;

    private bool IsShut
    {
        get
        {
            lock (_gate)
            {
                return _listening is null;
            }
        }
    }

    /// <summary>Takes a port.</summary>
    /// <param name="port">0 takes a free one.</param>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static IReadOnlyList<Socket> Take(int port)
    {
        try
        {
            return LoopbackSockets.Bind(IPAddress.Loopback, port);
        }
        catch (SocketException exception)
        {
            throw new IOException($"Failed to bind to {IPAddress.Loopback}:{port}: {exception.Message}", exception);
        }
    }

    /// <summary>Lets connections through.</summary>
    /// <param name="kept">What <see cref="Take"/> gave; disposed with the gate.</param>
    /// <param name="server">Where they lead.</param>
    /// <param name="delay">How late now is what the server says; zero for not at all.</param>
    /// <param name="time">Real time.</param>
    public static LoopbackGate Open(IReadOnlyList<Socket> kept, IPEndPoint server, Func<TimeSpan> delay, TimeProvider time)
    {
        var gate = new LoopbackGate(kept, server, delay, time);
        gate.Reopen();
        return gate;
    }

    /// <summary>Lets connections through again.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            if (_listening is not null) return;
            _listening = [.. _kept.Select(Listen)];
            _accepting.AddRange(_listening.Select(AcceptAsync));
        }
    }

    /// <summary>Refuses connections, and cuts those that there are.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _listening?.ForEach(static socket => socket.Dispose());
            _listening = null;
        }

        Cut();
    }

    /// <summary>Cuts the connections that there are: both ends see a reset.</summary>
    public void Cut()
    {
        foreach (var socket in _connections.Keys) Reset(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Refuse();
        await Task.WhenAll(_accepting).ConfigureAwait(false);
        Cut();
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        foreach (var socket in _kept) socket.Dispose();
        _stop.Dispose();
    }

    // The runtime lets two sockets share a port as long as one of them listens.
    private static Socket Listen(Socket kept)
    {
        var socket = new Socket(kept.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(kept.LocalEndPoint!);
        socket.Listen(Backlog);
        return socket;
    }

    private static void Reset(Socket socket) => socket.Close(0);

    private async Task AcceptAsync(Socket listening)
    {
        try
        {
            while (true)
            {
                var client = await listening.AcceptAsync(_stop.Token).ConfigureAwait(false);
                var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[client] = served.Task;
                _ = ServeAsync(client, served);

                // Accepted just before the gate was shut: no cut has seen it.
                if (IsShut) Reset(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Refuses from now on.
        }
    }

    private async Task ServeAsync(Socket client, TaskCompletionSource served)
    {
        var server = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(_server, _stop.Token).ConfigureAwait(false);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task[] ways = [SayAsync(client, server, over.Token), AnswerAsync(server, client, over.Token)];
            await (await Task.WhenAny(ways).ConfigureAwait(false)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // A client that has said all still waits for the answer.
            if (ways[0].IsCompletedSuccessfully) await ways[1].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, or nobody there.
        }
        finally
        {
            _connections.TryRemove(client, out _);
            Reset(client);
            Reset(server);
            served.SetResult();
        }
    }

    private static async Task SayAsync(Socket client, Socket server, CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkBytes];
        int read;
        while ((read = await client.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await SendAsync(server, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        server.Shutdown(SocketShutdown.Send);
    }

    // Late by the delay from when the server said it, however much it goes on to say meanwhile.
    private async Task AnswerAsync(Socket server, Socket client, CancellationToken cancellationToken)
    {
        var chunks = Channel.CreateBounded<(byte[] Bytes, long SaidAt)>(MaxDelayed);
        var handing = HandOnAsync(chunks.Reader, client, cancellationToken);
        var buffer = new byte[ChunkBytes];
        int read;
        while ((read = await server.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await chunks.Writer.WriteAsync((buffer[..read], _time.GetTimestamp()), cancellationToken).ConfigureAwait(false);
        }

        chunks.Writer.Complete();
        await handing.ConfigureAwait(false);
        client.Shutdown(SocketShutdown.Send);
    }

    private async Task HandOnAsync(ChannelReader<(byte[] Bytes, long SaidAt)> chunks, Socket client, CancellationToken cancellationToken)
    {
        await foreach (var (bytes, saidAt) in chunks.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var wait = _delay() - _time.GetElapsedTime(saidAt);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            await SendAsync(client, bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
    }
}
