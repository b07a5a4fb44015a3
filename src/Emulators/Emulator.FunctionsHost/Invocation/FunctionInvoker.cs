using System.Diagnostics;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Invocation;

/// <summary>Runs invocations in the worker: trace, time limit, outcome. Thread-safe.</summary>
/// <param name="functionTimeout">Null for none.</param>
internal sealed class FunctionInvoker(
    WorkerSupervisor workers, TimeSpan? functionTimeout, TimeProvider time, ILogger<FunctionInvoker> logger)
{
    public const string ActivitySourceName = "Emulator.FunctionsHost";

    private static readonly ActivitySource Source = new(ActivitySourceName);

    /// <summary>Runs a function in the worker there is, or in the next one while there is none.</summary>
    /// <param name="cancellationToken">Signalled when the host stops; the function sees it.</param>
    /// <exception cref="FunctionFailedException">It did not succeed.</exception>
    public async Task InvokeAsync(FunctionDescriptor function, TriggerInput input, CancellationToken cancellationToken)
    {
        while (true)
        {
            LiveWorker worker;
            try
            {
                worker = await workers.GetAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception)
            {
                throw new FunctionFailedException($"The host stops: {function.Name} was not started.", exception, FunctionFailure.Canceled);
            }

            if (await TryInvokeAsync(worker, Guid.NewGuid().ToString(), function, input, cancellationToken).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Runs a function in the given worker.</summary>
    /// <param name="cancellationToken">Signalled when the caller is gone or the host stops; the function sees it.</param>
    /// <returns>False when the worker ended before it had the invocation.</returns>
    /// <exception cref="FunctionFailedException">It did not succeed.</exception>
    public async Task<bool> TryInvokeAsync(
        LiveWorker worker, string invocationId, FunctionDescriptor function, TriggerInput input, CancellationToken cancellationToken)
    {
        using var activity = Start(function, invocationId, input);
        var started = time.GetTimestamp();
        HostLog.Started(logger, function.Name, invocationId);
        try
        {
            await RunAsync(
                worker, Compose(worker, invocationId, function, input, activity), function, cancellationToken).ConfigureAwait(false);
            HostLog.Succeeded(logger, function.Name, invocationId, time.GetElapsedTime(started).TotalMilliseconds);
            return true;
        }
        catch (WorkerException exception) when (exception.NeverSent)
        {
            return false;
        }
        catch (Exception exception)
        {
            var failed = Describe(exception, function.Name, cancellationToken);
            activity?.SetStatus(ActivityStatusCode.Error, failed.Failure.ToString());
            if (failed.Failure == FunctionFailure.Canceled) HostLog.Canceled(logger, function.Name, invocationId);
            else HostLog.Failed(logger, function.Name, invocationId, time.GetElapsedTime(started).TotalMilliseconds, exception);
            throw failed;
        }
    }

    private static InvocationRequest Compose(
        LiveWorker worker, string invocationId, FunctionDescriptor function, TriggerInput input, Activity? activity)
    {
        var request = new InvocationRequest
        {
            InvocationId = invocationId,
            FunctionId = worker.IdOf(function.Name),
            TraceContext = input.TraceContext(activity),
            RetryContext = input.Retry,
        };
        request.InputData.Add(new ParameterBinding { Name = function.Parameter, Data = input.Data });
        request.TriggerMetadata.Add(input.Metadata);
        return request;
    }

    private async Task RunAsync(
        LiveWorker worker, InvocationRequest request, FunctionDescriptor function, CancellationToken cancellationToken)
    {
        var running = worker.Channel.InvokeAsync(request, cancellationToken);
        if (functionTimeout is { } limit && !await EndsWithinAsync(running, limit).ConfigureAwait(false))
        {
            // What a function does that does not end, nothing but the end of its process ends.
            HostLog.TimedOut(logger, function.Name, request.InvocationId, limit);
            WorkerSupervisor.Recycle(worker, $"{function.Name} ran longer than functionTimeout");
            throw new TimeoutException($"{function.Name} ran longer than functionTimeout {limit}.");
        }

        var response = await running.ConfigureAwait(false);
        switch (response.Result?.Status)
        {
            case StatusResult.Types.Status.Success:
                return;
            case StatusResult.Types.Status.Cancelled:
                throw new OperationCanceledException("The worker answered that the function was cancelled.");
            case StatusResult.Types.Status.Failure or null:
                throw new RemoteException(response.Result?.Exception ?? new RpcException { Message = "The worker did not say why." });
            default:
                throw new WorkerException($"the worker answered an invocation with the unknown status {response.Result.Status}");
        }
    }

    private async Task<bool> EndsWithinAsync(Task running, TimeSpan limit)
    {
        await running.WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return running.IsCompleted;
    }

    // A function that lets its cancellation escape answers with a failure of that type, not with the status made for it.
    private static FunctionFailedException Describe(Exception exception, string function, CancellationToken cancellationToken)
    {
        var failure = exception switch
        {
            OperationCanceledException => FunctionFailure.Canceled,
            RemoteException remote when cancellationToken.IsCancellationRequested && IsCancellation(remote.RemoteType) =>
                FunctionFailure.Canceled,
            TimeoutException => FunctionFailure.TimedOut,
            WorkerException => FunctionFailure.WorkerLost,
            _ => FunctionFailure.Threw,
        };
        return new FunctionFailedException($"{function} failed: {exception.Message}", exception, failure);
    }

    private static bool IsCancellation(string type) =>
        type is "System.OperationCanceledException" or "System.Threading.Tasks.TaskCanceledException";

    private static Activity? Start(FunctionDescriptor function, string invocationId, TriggerInput input)
    {
        ActivityContext.TryParse(input.TraceParent, input.TraceState, isRemote: true, out var parent);
        var kind = function.Trigger is ServiceBusTriggerDescriptor ? ActivityKind.Consumer : ActivityKind.Server;
        var activity = Source.StartActivity($"function {function.Name}", kind, parent, links: input.Links);
        activity?.SetTag("faas.name", function.Name).SetTag("faas.invocation_id", invocationId);
        return activity?.SetTag("faas.trigger", function.Trigger switch
        {
            ServiceBusTriggerDescriptor => "pubsub",
            HttpTriggerDescriptor => "http",
            _ => "timer",
        });
    }
}
