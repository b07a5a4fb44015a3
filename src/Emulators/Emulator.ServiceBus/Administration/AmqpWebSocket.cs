using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Emulator.Amqp.Transport;

namespace Emulator.ServiceBus.Administration;

/// <summary>AMQP in the binary messages of a WebSocket, which are one stream of bytes: AMQP 1.0 WebSocket binding, section 2.</summary>
/// <param name="listener">Serves the connections as it does its own.</param>
/// <param name="maxConnections">AMQP connections at once, of both kinds.</param>
internal sealed class AmqpWebSocket(AmqpListener listener, int maxConnections)
{
    // .NET offers the first, JavaScript the second: what was offered must be echoed.
    private static readonly string[] Protocols = ["amqp", "AMQPWSB10"];
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>.NET ends the path with a slash.</summary>
    public static bool IsAddress(PathString path) =>
        string.Equals(path.Value?.TrimEnd('/'), "/$servicebus/websocket", StringComparison.OrdinalIgnoreCase);

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(
                context, StatusCodes.Status426UpgradeRequired, "Expected a WebSocket upgrade, got a plain request.").ConfigureAwait(false);
            return;
        }

        var offers = context.WebSockets.WebSocketRequestedProtocols;
        if (offers.FirstOrDefault(offered => Protocols.Contains(offered, StringComparer.OrdinalIgnoreCase)) is not { } protocol)
        {
            await RefuseAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"Expected the WebSocket subprotocol {string.Join(" or ", Protocols)}, got another or none.").ConfigureAwait(false);
            return;
        }

        if (listener.ConnectionCount >= maxConnections)
        {
            await RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, $"{maxConnections} connections are the most.").ConfigureAwait(false);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
        var stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, CloseTimeout);
        await using (stream.ConfigureAwait(false))
        {
            await listener.ServeAsync(stream, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}
