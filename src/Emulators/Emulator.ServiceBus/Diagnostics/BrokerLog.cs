using System.Net;
using Microsoft.Extensions.Logging;

namespace Emulator.ServiceBus.Diagnostics;

internal static partial class BrokerLog
{
    [LoggerMessage(5001, LogLevel.Information, "Service Bus emulator listens on {EndPoint}: {Queues} queues, {Topics} topics")]
    public static partial void Started(ILogger logger, IPEndPoint endPoint, int queues, int topics);

    [LoggerMessage(5002, LogLevel.Information, "Service Bus emulator on {EndPoint} stopped")]
    public static partial void Stopped(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(5003, LogLevel.Debug, "Link to {Address} refused with {Condition}: {Description}")]
    public static partial void LinkRefused(ILogger logger, string address, string condition, string description);

    [LoggerMessage(5004, LogLevel.Debug, "Connection from {Remote} closed with {Condition}: {Description}")]
    public static partial void ConnectionClosed(ILogger logger, string remote, string condition, string description);

    [LoggerMessage(5005, LogLevel.Warning, "A reply of {Node} was dropped: the client has no link to receive it")]
    public static partial void ReplyDropped(ILogger logger, string node);

    [LoggerMessage(5008, LogLevel.Information, "{Messages} messages are back from the journal in {Folder}")]
    public static partial void Recovered(ILogger logger, int messages, string folder);

    [LoggerMessage(5009, LogLevel.Warning, "The journal holds {Messages} messages of '{Entity}', which is not declared: they stay there")]
    public static partial void Undeclared(ILogger logger, string entity, int messages);

    [LoggerMessage(5011, LogLevel.Information, "Administration, status and AMQP over WebSockets on port {Port}")]
    public static partial void AdminStarted(ILogger logger, int port);

    [LoggerMessage(
        5010,
        LogLevel.Warning,
        "What was changed of '{Entity}' at run time does not apply any more: its declaration is another now, or gone")]
    public static partial void DefinitionIgnored(ILogger logger, string entity);

    [LoggerMessage(5012, LogLevel.Error, "'{Entity}' is not served, and no other of its name can be made: {Reason}")]
    public static partial void Withheld(ILogger logger, string entity, string reason);
}
