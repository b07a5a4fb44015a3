using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using Emulator.Functions.HostJson;
using Emulator.Functions.Indexing;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>
/// Runs one function for each message of its entity, by the client's processor: it completes, abandons and renews as its options
/// say, and a function that throws has its message abandoned.
/// </summary>
/// <param name="stopping">Signalled when the host stops: functions see it before the processor is told to stop.</param>
internal sealed class ServiceBusListener(
    FunctionDescriptor function,
    ServiceBusClient client,
    ServiceBusSettings settings,
    FunctionInvoker invoker,
    TimeProvider timeProvider,
    ILogger<ServiceBusListener> logger,
    CancellationToken stopping) : ITriggerListener
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly ServiceBusTriggerDescriptor _trigger = (ServiceBusTriggerDescriptor)function.Trigger;
    private readonly RepeatedErrors _errors = new(timeProvider);
    private ServiceBusProcessor? _processor;
    private Task _starting = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _processor = CreateProcessor();
        _processor.ProcessMessageAsync += OnMessageAsync;
        _processor.ProcessErrorAsync += OnErrorAsync;
        _starting = StartProcessorAsync(_processor);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_processor is not { } processor)
        {
            return;
        }

        try
        {
            await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
            await processor.StopProcessingAsync(cancellationToken).ConfigureAwait(false);
            await processor.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // One listener that does not stop must not keep the others from stopping.
            FunctionsHostLog.ProcessorNotStopped(logger, function.Name, _trigger.Describe(), exception);
        }
    }

    private ServiceBusProcessor CreateProcessor()
    {
        var options = settings.ToProcessorOptions(_trigger.AutoCompleteMessages);
        options.SubQueue = _trigger.IsDeadLetterQueue ? SubQueue.DeadLetter : SubQueue.None;
        return _trigger.SubscriptionName is null
            ? client.CreateProcessor(_trigger.QueueOrTopicName, options)
            : client.CreateProcessor(_trigger.QueueOrTopicName, _trigger.SubscriptionName, options);
    }

    private async Task StartProcessorAsync(ServiceBusProcessor processor)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var delay = FirstDelay;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await processor.StartProcessingAsync(stopping).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever keeps one listener from starting, the host stays up and tries again.
                FunctionsHostLog.ProcessorNotStarted(logger, function.Name, _trigger.Describe(), delay, exception);
            }

            await Task.Delay(delay, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private async Task OnMessageAsync(ProcessMessageEventArgs args)
    {
        if (stopping.IsCancellationRequested)
        {
            throw new FunctionInvocationException(function.Name, inner: null);
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(args.CancellationToken, stopping);
        var input = new ServiceBusTriggerInput(args.Message, new InvocationMessageActions(args));
        try
        {
            await invoker.InvokeAsync(function, input, linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new FunctionInvocationException(function.Name, exception);
        }
    }

    private Task OnErrorAsync(ProcessErrorEventArgs args)
    {
        // What a function threw is logged by the invoker, with its invocation.
        if (args.ErrorSource == ServiceBusErrorSource.ProcessMessageCallback)
        {
            return Task.CompletedTask;
        }

        var reason = args.Exception is ServiceBusException exception ? exception.Reason.ToString() : args.Exception.GetType().Name;
        if (_errors.IsNew($"{args.ErrorSource} {reason}"))
        {
            FunctionsHostLog.ProcessorFailed(logger, function.Name, args.ErrorSource, args.EntityPath, args.Exception);
        }
        else
        {
            FunctionsHostLog.ProcessorFailedAgain(logger, function.Name, args.ErrorSource, args.EntityPath, reason);
        }

        return Task.CompletedTask;
    }
}
