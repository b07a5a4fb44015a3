using System.Net;
using System.Net.Sockets;

namespace Emulator.Conformance.ServiceBus;

/// <summary>A TCP proxy whose connections a test can cut: both ends see the connection reset or end, as when a network fails.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private readonly CancellationTokenSource _stop = new();

    // Guards _connections and _pumps.
    private readonly Lock _gate = new();
    private readonly List<Socket> _connections = [];
    private readonly List<Task> _pumps = [];
    private readonly Task _accepting;

    public CuttableProxy(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync(_stop.Token);
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections accepted since the start.</summary>
    public int Accepted { get; private set; }

    /// <summary>Cuts every connection there is now; new ones are accepted again.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var connection in _connections)
            {
                connection.Close(0);
            }

            _connections.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        await Task.WhenAll(_pumps);
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(cancellationToken);
                var server = new TcpClient();
                await server.ConnectAsync(_host, _port, cancellationToken);
                client.NoDelay = server.NoDelay = true;
                lock (_gate)
                {
                    Accepted++;
                    _connections.Add(client.Client);
                    _connections.Add(server.Client);
                    _pumps.Add(PumpAsync(client, server));
                    _pumps.Add(PumpAsync(server, client));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            from.Close();
            to.Close();
        }
    }
}
