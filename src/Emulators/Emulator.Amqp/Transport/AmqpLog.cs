using Microsoft.Extensions.Logging;
using Emulator.Amqp.Framing;

namespace Emulator.Amqp.Transport;

internal static partial class AmqpLog
{
    [LoggerMessage(4001, LogLevel.Debug, "Connection from {RemoteEndpoint} is over: {Error}")]
    public static partial void ConnectionOver(ILogger logger, string? remoteEndpoint, AmqpError? error);

    [LoggerMessage(4002, LogLevel.Error, "A handler failed; the connection from {RemoteEndpoint} is closed")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string? remoteEndpoint);

    [LoggerMessage(4003, LogLevel.Warning, "Connection from {RemoteEndpoint} dropped: {Count} connections are the most")]
    public static partial void TooManyConnections(ILogger logger, string? remoteEndpoint, int count);

    [LoggerMessage(4004, LogLevel.Debug, "Accepting a connection failed")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);
}
