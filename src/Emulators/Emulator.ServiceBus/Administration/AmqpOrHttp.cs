using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Emulator.Amqp.Transport;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Messaging on the administration port, so that one connection string serves clients of both: an AMQP connection begins with the four
/// letters of its name, no request of HTTP does. AMQP 1.0 part 2, section 2.2.
/// </summary>
internal static class AmqpOrHttp
{
    /// <param name="listen">The port.</param>
    /// <param name="listener">Serves the connections as it does its own.</param>
    /// <param name="maxConnections">AMQP connections at once, of all ports.</param>
    public static void UseAmqpOrHttp(this ListenOptions listen, AmqpListener listener, int maxConnections) => listen.Use(next => async context =>
    {
        if (await FirstBytes.PeekAsync(context, "AMQP"u8.Length).ConfigureAwait(false) is not { } first) return;
        if (!first.AsSpan().SequenceEqual("AMQP"u8))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (listener.ConnectionCount >= maxConnections) return;
        var stream = new DuplexStream(context.Transport);
        await using (stream.ConfigureAwait(false))
        {
            await listener.ServeAsync(stream, context.RemoteEndPoint?.ToString(), context.ConnectionClosed).ConfigureAwait(false);
        }
    });
}
