using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Diagnostics;

internal static partial class HostLog
{
    [LoggerMessage(8001, LogLevel.Information, "Function {Function} listens: {Trigger} {Source}")]
    public static partial void Listening(ILogger logger, string function, string trigger, string source);

    [LoggerMessage(8002, LogLevel.Information, "Functions host serves HTTP on {Address}")]
    public static partial void Serving(ILogger logger, Uri address);

    [LoggerMessage(8003, LogLevel.Information, "Functions host stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(8004, LogLevel.Warning, "{Warning}")]
    public static partial void Configuration(ILogger logger, string warning);

    [LoggerMessage(8005, LogLevel.Information, "Functions still run after {Timeout}: their tokens are signalled")]
    public static partial void DrainTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(8006, LogLevel.Warning, "Functions host stopped waiting after {Timeout}: what still runs will be cut off")]
    public static partial void StopTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(8011, LogLevel.Information, "Worker {ProcessId} runs {Count} functions, {Milliseconds:0} ms after its start")]
    public static partial void WorkerReady(ILogger logger, int processId, int count, double milliseconds);

    [LoggerMessage(
        8012, LogLevel.Error, "Worker {ProcessId} ended: {Reason}. {Running} invocations failed with it; it is started again in {Delay}")]
    public static partial void WorkerLost(ILogger logger, int processId, string reason, int running, TimeSpan delay);

    [LoggerMessage(8013, LogLevel.Error, "The worker did not start; next try in {Delay}: {Reason}")]
    public static partial void WorkerNotStarted(ILogger logger, string reason, TimeSpan delay);

    [LoggerMessage(8014, LogLevel.Warning, "Worker {ProcessId} did not end within {Limit} of being told to, and is killed")]
    public static partial void WorkerKilled(ILogger logger, int processId, TimeSpan limit);

    [LoggerMessage(8015, LogLevel.Debug, "Worker {ProcessId} ended: {Exit}")]
    public static partial void WorkerStopped(ILogger logger, int processId, string exit);

    [LoggerMessage(8016, LogLevel.Debug, "Worker {ProcessId}: {Line}")]
    public static partial void WorkerOutput(ILogger logger, int processId, string line);

    [LoggerMessage(8017, LogLevel.Warning, "Worker {ProcessId}, standard error: {Line}")]
    public static partial void WorkerError(ILogger logger, int processId, string line);

    [LoggerMessage(8018, LogLevel.Warning, "The worker logs faster than its logs can be written: {Count} were dropped")]
    public static partial void LogsDropped(ILogger logger, long count);

    [LoggerMessage(8019, LogLevel.Warning, "A stream of an unknown worker was refused")]
    public static partial void StreamRefused(ILogger logger);

    [LoggerMessage(8101, LogLevel.Debug, "Executing {Function}, invocation {InvocationId}")]
    public static partial void Started(ILogger logger, string function, string invocationId);

    [LoggerMessage(8102, LogLevel.Debug, "Executed {Function}, invocation {InvocationId}, in {Milliseconds:0.0} ms")]
    public static partial void Succeeded(ILogger logger, string function, string invocationId, double milliseconds);

    [LoggerMessage(8103, LogLevel.Error, "Failed {Function}, invocation {InvocationId}, after {Milliseconds:0.0} ms")]
    public static partial void Failed(ILogger logger, string function, string invocationId, double milliseconds, Exception exception);

    [LoggerMessage(8104, LogLevel.Information, "Canceled {Function}, invocation {InvocationId}")]
    public static partial void Canceled(ILogger logger, string function, string invocationId);

    [LoggerMessage(
        8105,
        LogLevel.Error,
        "{Function}, invocation {InvocationId}, ran longer than functionTimeout {Timeout}: the worker is started anew")]
    public static partial void TimedOut(ILogger logger, string function, string invocationId, TimeSpan timeout);

    [LoggerMessage(8201, LogLevel.Error, "Function {Function}: {Source} on {Entity} failed; the host keeps trying")]
    public static partial void ProcessorFailed(
        ILogger logger, string function, ServiceBusErrorSource source, string entity, Exception exception);

    [LoggerMessage(8202, LogLevel.Debug, "Function {Function}: {Source} on {Entity} failed again: {Reason}")]
    public static partial void ProcessorFailedAgain(
        ILogger logger, string function, ServiceBusErrorSource source, string entity, string reason);

    [LoggerMessage(8203, LogLevel.Error, "Function {Function}: the processor of {Entity} did not start; next try in {Delay}")]
    public static partial void ProcessorNotStarted(ILogger logger, string function, string entity, TimeSpan delay, Exception exception);

    [LoggerMessage(8204, LogLevel.Warning, "Function {Function}: the listener of {Entity} did not stop cleanly")]
    public static partial void ListenerNotStopped(ILogger logger, string function, string entity, Exception exception);

    [LoggerMessage(
        8205, LogLevel.Warning, "Function {Function}: {Operation} of a message of {Entity} failed after the function had ended: {Reason}")]
    public static partial void NotSettled(ILogger logger, string function, string operation, string entity, string reason);

    [LoggerMessage(8301, LogLevel.Error, "Function {Function}: a request could not be passed to the worker: {Error}")]
    public static partial void NotForwarded(ILogger logger, string function, string error, Exception? exception);

    [LoggerMessage(8401, LogLevel.Debug, "Function {Function} runs next at {Next:O}")]
    public static partial void TimerArmed(ILogger logger, string function, DateTimeOffset next);

    [LoggerMessage(8402, LogLevel.Information, "Function {Function} has no further run: schedule {Schedule} ends")]
    public static partial void TimerEnded(ILogger logger, string function, string schedule);

    [LoggerMessage(8403, LogLevel.Warning, "Function {Function} failed and is tried again in {Delay}: try {Count} of {Most}")]
    public static partial void Retrying(ILogger logger, string function, TimeSpan delay, int count, string most);
}
