using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Invocation;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>Logs what the client library reports about one function's entity, the same thing not over and over. Thread-safe.</summary>
internal sealed class ListenerErrors(string function, TimeProvider time, ILogger logger)
{
    private readonly RepeatedErrors _errors = new(time);

    public Task OnErrorAsync(ProcessErrorEventArgs args)
    {
        Report(args.ErrorSource, args.EntityPath, args.Exception);
        return Task.CompletedTask;
    }

    public void Report(ServiceBusErrorSource source, string entity, Exception exception)
    {
        // What a function threw is logged by the invoker, with its invocation.
        if (exception is FunctionFailedException) return;
        var reason = exception is ServiceBusException bus ? bus.Reason.ToString() : exception.GetType().Name;
        if (_errors.IsNew($"{source} {reason}")) HostLog.ProcessorFailed(logger, function, source, entity, exception);
        else HostLog.ProcessorFailedAgain(logger, function, source, entity, reason);
    }
}
