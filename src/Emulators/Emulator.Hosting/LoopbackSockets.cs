using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Emulator.Hosting;

/// <summary>
/// The sockets of a server that prints itself as <c>localhost</c>: that name leads to 127.0.0.1 for some clients and to ::1 for others, so
/// what is bound to the one answers at the other too, at one port. Any other address is bound alone, and so is 127.0.0.1 on a machine
/// without IPv6.
/// </summary>
/// <remarks>
/// Bound here and not by the server, since a port that is free at the one address (port 0) has to be free at the other, and has to stay so.
/// </remarks>
internal static class LoopbackSockets
{
    // A free port of the one address is seldom taken at the other.
    private const int MostTries = 32;

    /// <summary>Binds; the caller listens on them and disposes them.</summary>
    /// <param name="address">127.0.0.1 for both loopback addresses.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <exception cref="SocketException">The port cannot be had, at either address.</exception>
    public static IReadOnlyList<Socket> Bind(IPAddress address, int port)
    {
        for (var tries = 1; ; tries++)
        {
            var first = BindOne(new IPEndPoint(address, port));
            if (!address.Equals(IPAddress.Loopback) || !Socket.OSSupportsIPv6) return [first];
            try
            {
                return [first, BindOne(new IPEndPoint(IPAddress.IPv6Loopback, PortOf(first)))];
            }
            catch (SocketException exception)
                when (exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
            {
                return [first];
            }
            catch (SocketException) when (port == 0 && tries < MostTries)
            {
                first.Dispose();
            }
            catch
            {
                first.Dispose();
                throw;
            }
        }
    }

    /// <summary>Has a web server listen at an address as <see cref="Bind"/> binds it.</summary>
    /// <param name="server">Disposes the sockets.</param>
    /// <param name="endpoint">Port 0 takes a free one.</param>
    /// <param name="configure">Each of the listeners.</param>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public static void Listen(IWebHostBuilder server, IPEndPoint endpoint, Action<ListenOptions> configure)
    {
        var sockets = BindForServer(endpoint).ToDictionary(static socket => socket.LocalEndPoint!);
        server.ConfigureKestrel(kestrel =>
        {
            foreach (var bound in sockets.Keys) kestrel.Listen(bound, configure);
        });
        server.ConfigureServices(services => services.Configure<SocketTransportOptions>(options =>
        {
            // Called for each port of a server: the ones before keep theirs.
            var others = options.CreateBoundListenSocket;
            options.CreateBoundListenSocket = bound => sockets.TryGetValue(bound, out var socket) ? socket : others(bound);
        }));
    }

    private static IReadOnlyList<Socket> BindForServer(IPEndPoint endpoint)
    {
        try
        {
            return Bind(endpoint.Address, endpoint.Port);
        }
        catch (SocketException exception)
        {
            throw new IOException($"Failed to bind to {endpoint}: {exception.Message}", exception);
        }
    }

    private static Socket BindOne(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
