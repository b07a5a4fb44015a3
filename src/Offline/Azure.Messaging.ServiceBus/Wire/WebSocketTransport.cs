using System.Net.WebSockets;
using Relay.Amqp.Client;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>AMQP in the binary messages of a WebSocket: AMQP 1.0 WebSocket binding, section 2.</summary>
internal static class WebSocketTransport
{
    private const string Protocol = "amqp";
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Connects and completes SASL and the exchange of opens, within the handshake timeout.</summary>
    /// <exception cref="IOException">The transport failed; why is the inner exception.</exception>
    /// <exception cref="TimeoutException">The handshake timeout passed.</exception>
    public static async Task<AmqpClientConnection> ConnectAsync(NamespaceEndpoint endpoint, AmqpClientOptions options, CancellationToken cancellationToken)
    {
        var limit = options.Connection.HandshakeTimeout;
        using var timeout = new CancellationTokenSource(limit, options.Connection.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var address = new UriBuilder(endpoint.UseTls ? "wss" : "ws", endpoint.Host, endpoint.Port, "$servicebus/websocket/").Uri;
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(Protocol);
            if (options.Tls?.RemoteCertificateValidationCallback is { } judge) socket.Options.RemoteCertificateValidationCallback = judge;
            await socket.ConnectAsync(address, linked.Token).ConfigureAwait(false);

            // The connection owns the stream, and the stream the socket.
            return await AmqpClientConnection.ConnectAsync(WebSocketStream.Create(socket, WebSocketMessageType.Binary, CloseTimeout), options, linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is WebSocketException) throw new IOException($"Connecting to {address} failed: {exception.Message}", exception);
            if (exception is OperationCanceledException && timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{address} did not complete the AMQP handshake within {limit}.");
            }

            throw;
        }
    }
}
