using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Worker;

/// <summary>Starts a worker and leads it to where it takes invocations: stream, init, list of functions, one load each.</summary>
internal sealed class WorkerStarter(
    FunctionRpcService service,
    StartWorker start,
    string appFolder,
    WorkerTimeouts timeouts,
    WorkerLogs logs,
    TimeProvider time,
    ILogger logger)
{
    // For a process that dies to be seen dead, after its stream has ended.
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(2);

    private const string HostVersion = "4.1037.0";

    /// <param name="grpc">Where the worker is to call.</param>
    /// <returns>A worker that takes invocations; the caller disposes it.</returns>
    /// <exception cref="WorkerException">It did not come that far; nothing of it is left.</exception>
    public async Task<LiveWorker> StartAsync(Uri grpc, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var channel = new WorkerChannel(Guid.NewGuid().ToString(), logs, time);
        service.Expect(channel);
        IWorkerProcess? process = null;
        try
        {
            process = start(grpc, channel.WorkerId);
            var watching = EndWithProcessAsync(process, channel);
            await OpenAsync(channel, cancellationToken).ConfigureAwait(false);
            var http = await InitAsync(channel, cancellationToken).ConfigureAwait(false);
            var functions = await ListAsync(channel, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(functions.Select(function => LoadAsync(channel, function, cancellationToken))).ConfigureAwait(false);
            HostLog.WorkerReady(logger, process.Id, functions.Count, time.GetElapsedTime(began).TotalMilliseconds);
            return new LiveWorker(process, channel, functions, http, time.GetTimestamp());
        }
        catch (Exception exception)
        {
            var failure = exception is WorkerException ? await ExplainAsync(exception.Message, process).ConfigureAwait(false) : null;
            channel.Dispose();
            if (process is not null) await process.DisposeAsync().ConfigureAwait(false);
            if (failure is not null) throw new WorkerException(failure, exception);
            throw;
        }
        finally
        {
            service.Forget(channel);
        }
    }

    // The process's own last words say more than that its stream has ended.
    private async Task<string> ExplainAsync(string message, IWorkerProcess? process)
    {
        if (process is null) return message;
        await ((Task)process.Exited).WaitAsync(
            ExitLimit, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.Exited.IsCompleted ? $"{message} ({await process.Exited.ConfigureAwait(false)})" : message;
    }

    private static async Task EndWithProcessAsync(IWorkerProcess process, WorkerChannel channel)
    {
        var exit = await process.Exited.ConfigureAwait(false);
        channel.End(new WorkerException($"its process ended with {exit}"));
    }

    private async Task OpenAsync(WorkerChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            await channel.Opened.WaitAsync(timeouts.Open, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new WorkerException($"the worker did not open its stream within {timeouts.Open}");
        }
    }

    private async Task<Uri?> InitAsync(WorkerChannel channel, CancellationToken cancellationToken)
    {
        var request = new WorkerInitRequest { HostVersion = HostVersion, WorkerDirectory = appFolder, FunctionAppDirectory = appFolder };
        request.Capabilities.Add("MultiStream", "10");
        var answer = await channel.AskAsync(
            new StreamingMessage { WorkerInitRequest = request }, "its init request", timeouts.Init, cancellationToken)
            .ConfigureAwait(false);
        var init = answer.WorkerInitResponse
            ?? throw new WorkerException($"the worker answered its init request with {answer.ContentCase}");
        Require(init.Result, "did not initialise");
        channel.TakesCancel = HasCapability(init, "HandlesInvocationCancelMessage");
        return init.Capabilities.TryGetValue("HttpUri", out var text) && Uri.TryCreate(text, UriKind.Absolute, out var http) ? http : null;
    }

    private static bool HasCapability(WorkerInitResponse init, string name) =>
        init.Capabilities.TryGetValue(name, out var value) && value.Length > 0;

    private async Task<IReadOnlyList<RpcFunctionMetadata>> ListAsync(WorkerChannel channel, CancellationToken cancellationToken)
    {
        var request = new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = appFolder } };
        var answer = await channel.AskAsync(
            request, "the request for its functions", timeouts.Load, cancellationToken).ConfigureAwait(false);
        var list = answer.FunctionMetadataResponse
            ?? throw new WorkerException($"the worker answered the request for its functions with {answer.ContentCase}");
        Require(list.Result, "did not list its functions");
        return list.FunctionMetadataResults;
    }

    private async Task LoadAsync(WorkerChannel channel, RpcFunctionMetadata function, CancellationToken cancellationToken)
    {
        // The raw bindings need not go back; the type of the trigger among the others decides what the worker does for it.
        var metadata = function.Clone();
        metadata.RawBindings.Clear();
        var request = new StreamingMessage
        {
            FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = metadata },
        };
        var answer = await channel.AskAsync(
            request, $"the load of '{function.Name}'", timeouts.Load, cancellationToken).ConfigureAwait(false);
        Require(answer.FunctionLoadResponse?.Result, $"did not load function '{function.Name}'");
    }

    private static void Require(StatusResult? result, string what)
    {
        if (result?.Status == StatusResult.Types.Status.Success) return;
        throw new WorkerException(
            result?.Exception is { } exception ? $"the worker {what}: {exception.Message}" : $"the worker {what}, and does not say why");
    }
}
