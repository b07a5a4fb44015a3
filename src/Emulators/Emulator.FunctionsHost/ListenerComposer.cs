using Emulator.FunctionsHost.HostJson;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Triggers;
using Emulator.FunctionsHost.Triggers.ServiceBus;
using Emulator.FunctionsHost.Triggers.Timer;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost;

/// <summary>Makes the listener of a function.</summary>
internal sealed class ListenerComposer(
    ServiceBusClients clients,
    HeldMessages held,
    ServiceBusSettings settings,
    FunctionInvoker invoker,
    TimeProvider time,
    ILoggerFactory loggers,
    CancellationToken stopping, CancellationToken cancelling)
{
    /// <returns>Null for a function that HTTP starts: the front listens for all of them.</returns>
    public ITriggerListener? Compose(FunctionDescriptor function) => function.Trigger switch
    {
        ServiceBusTriggerDescriptor trigger => ServiceBus(function, trigger),
        TimerTriggerDescriptor => new TimerListener(function, invoker, time, loggers.CreateLogger<TimerListener>(), stopping, cancelling),
        _ => null,
    };

    private ITriggerListener ServiceBus(FunctionDescriptor function, ServiceBusTriggerDescriptor trigger)
    {
        var entity = new TriggerEntity(clients.Get(trigger.Connection), trigger, settings);
        var runner = new MessageRunner(function, held, invoker, stopping, cancelling);
        var logger = loggers.CreateLogger<ProcessorListener>();
        var errors = new ListenerErrors(function.Name, time, logger);
        if (trigger.IsBatched) return new BatchListener(function, entity, settings, runner, errors, time, logger, stopping);
        IMessageProcessor processor = trigger.IsSessionsEnabled
            ? new SessionMessageProcessor(entity.CreateSessionProcessor(), runner, errors)
            : new MessageProcessor(entity.CreateProcessor(), runner, errors);
        return new ProcessorListener(function.Name, trigger.Describe(), processor, time, logger, stopping);
    }
}
