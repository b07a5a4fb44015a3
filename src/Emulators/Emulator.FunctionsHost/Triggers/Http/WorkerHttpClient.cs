using System.Net;
using System.Net.Sockets;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>Connections to workers' HTTP listeners on this machine.</summary>
internal static class WorkerHttpClient
{
    // A worker opens its listener after its stream, at times after its functions are loaded.
    private const int ConnectTries = 40;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    public static HttpMessageInvoker Create(TimeProvider time) => new(new SocketsHttpHandler
    {
        // What a worker answers goes to the client as it is.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint.Port, time, cancellationToken),
    });

    // The worker says localhost and listens on both families; asking a resolver could only go wrong.
    private static async ValueTask<Stream> ConnectAsync(int port, TimeProvider time, CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        for (var attempt = 1; ; attempt++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (attempt < ConnectTries)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }
}
