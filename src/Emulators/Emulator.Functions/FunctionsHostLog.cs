using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace Emulator.Functions;

internal static partial class FunctionsHostLog
{
    [LoggerMessage(7001, LogLevel.Information, "Function {Function} listens: {Trigger} {Source}")]
    public static partial void Listening(ILogger logger, string function, string trigger, string source);

    [LoggerMessage(7002, LogLevel.Information, "Functions host serves HTTP on {Address}")]
    public static partial void Serving(ILogger logger, Uri address);

    [LoggerMessage(7003, LogLevel.Information, "Functions host stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(7004, LogLevel.Warning, "{Warning}")]
    public static partial void Configuration(ILogger logger, string warning);

    [LoggerMessage(7005, LogLevel.Warning, "Functions host stopped waiting after {Timeout}: what still runs will be cut off")]
    public static partial void StopTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(7101, LogLevel.Debug, "Executing {Function}, invocation {InvocationId}")]
    public static partial void Started(ILogger logger, string function, string invocationId);

    [LoggerMessage(7102, LogLevel.Debug, "Executed {Function}, invocation {InvocationId}, in {Milliseconds:0.0} ms")]
    public static partial void Succeeded(ILogger logger, string function, string invocationId, double milliseconds);

    [LoggerMessage(7103, LogLevel.Error, "Failed {Function}, invocation {InvocationId}, after {Milliseconds:0.0} ms")]
    public static partial void Failed(ILogger logger, string function, string invocationId, double milliseconds, Exception exception);

    [LoggerMessage(7104, LogLevel.Information, "Canceled {Function}, invocation {InvocationId}")]
    public static partial void Canceled(ILogger logger, string function, string invocationId);

    [LoggerMessage(7105, LogLevel.Error, "{Function}, invocation {InvocationId}, runs longer than functionTimeout {Timeout}: its token is signalled")]
    public static partial void TimedOut(ILogger logger, string function, string invocationId, TimeSpan timeout);

    [LoggerMessage(7201, LogLevel.Error, "Function {Function}: {Source} on {Entity} failed; the host keeps trying")]
    public static partial void ProcessorFailed(ILogger logger, string function, ServiceBusErrorSource source, string entity, Exception exception);

    [LoggerMessage(7202, LogLevel.Debug, "Function {Function}: {Source} on {Entity} failed again: {Reason}")]
    public static partial void ProcessorFailedAgain(ILogger logger, string function, ServiceBusErrorSource source, string entity, string reason);

    [LoggerMessage(7203, LogLevel.Error, "Function {Function}: the processor of {Entity} did not start; next try in {Delay}")]
    public static partial void ProcessorNotStarted(ILogger logger, string function, string entity, TimeSpan delay, Exception exception);

    [LoggerMessage(7204, LogLevel.Warning, "Function {Function}: the processor of {Entity} did not stop cleanly")]
    public static partial void ProcessorNotStopped(ILogger logger, string function, string entity, Exception exception);

    [LoggerMessage(
        7301, LogLevel.Warning, "Function {Function}, invocation {InvocationId}, returned {Type}, which is not written: return IActionResult or IResult")]
    public static partial void ResultNotWritten(ILogger logger, string function, string invocationId, string type);

    [LoggerMessage(7401, LogLevel.Debug, "Function {Function} runs next at {Next:O}")]
    public static partial void TimerArmed(ILogger logger, string function, DateTimeOffset next);

    [LoggerMessage(7402, LogLevel.Information, "Function {Function} has no further run: schedule {Schedule} ends")]
    public static partial void TimerEnded(ILogger logger, string function, string schedule);
}
