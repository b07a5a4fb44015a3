using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Emulator.Functions.Indexing;

namespace Emulator.Functions.Invocation;

/// <summary>Runs invocations: scope, trace, time limit, pipeline, function. Thread-safe.</summary>
/// <param name="functionTimeout">Null for none.</param>
internal sealed class FunctionInvoker(
    IServiceScopeFactory scopes, WorkerBuilder worker, TimeSpan? functionTimeout, TimeProvider timeProvider, ILogger<FunctionInvoker> logger)
{
    public const string ActivitySourceName = "Emulator.Functions";

    private static readonly ActivitySource Source = new(ActivitySourceName);

    private readonly FunctionExecutionDelegate _pipeline = worker.Build(ExecuteAsync);

    /// <param name="cancellationToken">Signalled when the host stops or the caller is gone; the function sees it.</param>
    /// <exception cref="Exception">What the function or a middleware threw, as it was thrown.</exception>
    public async Task InvokeAsync(FunctionDescriptor function, TriggerInput input, CancellationToken cancellationToken)
    {
        var invocationId = Guid.NewGuid().ToString();
        ActivityContext.TryParse(input.TraceParent, input.TraceState, isRemote: true, out var parent);
        using var activity = Start(function, invocationId, parent);
        using var limit = functionTimeout is { } time ? new CancellationTokenSource(time, timeProvider) : null;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit?.Token ?? CancellationToken.None);
        using var late = limit?.Token.Register(() => FunctionsHostLog.TimedOut(logger, function.Name, invocationId, functionTimeout!.Value));
        var started = timeProvider.GetTimestamp();
        FunctionsHostLog.Started(logger, function.Name, invocationId);
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var trace = LocalTraceContext.Of(activity, parent);
                var context = new LocalFunctionContext(function, invocationId, input, trace, scope.ServiceProvider, linked.Token);
                input.Begin(context);
                await _pipeline(context).ConfigureAwait(false);
                await input.HandleResultAsync(context).ConfigureAwait(false);
            }

            FunctionsHostLog.Succeeded(logger, function.Name, invocationId, timeProvider.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, "canceled");
            FunctionsHostLog.Canceled(logger, function.Name, invocationId);
            throw;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            FunctionsHostLog.Failed(logger, function.Name, invocationId, timeProvider.GetElapsedTime(started).TotalMilliseconds, exception);
            throw;
        }
        finally
        {
            input.End();
        }
    }

    private static Activity? Start(FunctionDescriptor function, string invocationId, ActivityContext parent)
    {
        var kind = function.Trigger is ServiceBusTriggerDescriptor ? ActivityKind.Consumer : ActivityKind.Server;
        var activity = Source.StartActivity($"function {function.Name}", kind, parent);
        activity?.SetTag("faas.name", function.Name).SetTag("faas.invocation_id", invocationId).SetTag("faas.trigger", function.Trigger switch
        {
            ServiceBusTriggerDescriptor => "pubsub",
            HttpTriggerDescriptor => "http",
            _ => "timer",
        });
        return activity;
    }

    private static async Task ExecuteAsync(FunctionContext context)
    {
        var local = context as LocalFunctionContext
            ?? throw new InvalidOperationException("Middleware must pass on the FunctionContext it was given.");
        local.Result = await local.Function.Runner.RunAsync(local.InstanceServices, ParameterBinder.Bind(local)).ConfigureAwait(false);
    }
}
