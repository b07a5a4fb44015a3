using System.Collections.Frozen;
using Emulator.FunctionsHost.Protocol;

namespace Emulator.FunctionsHost.Worker;

/// <summary>A worker that has loaded its functions. The owner disposes it, which ends the process.</summary>
/// <param name="functions">As the worker listed them.</param>
/// <param name="http">Where it serves HTTP, once it does; null for an app without HTTP functions.</param>
internal sealed class LiveWorker(
    IWorkerProcess process, WorkerChannel channel, IReadOnlyList<RpcFunctionMetadata> functions, Uri? http, long startedAt)
    : IAsyncDisposable
{
    private readonly FrozenDictionary<string, string> _ids =
        functions.ToFrozenDictionary(function => function.Name, function => function.FunctionId, StringComparer.OrdinalIgnoreCase);

    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IWorkerProcess Process => process;

    public WorkerChannel Channel => channel;

    public IReadOnlyList<RpcFunctionMetadata> Functions => functions;

    public Uri? Http => http;

    /// <summary>Timestamp of the moment it was ready.</summary>
    public long StartedAt => startedAt;

    /// <summary>Done when another worker, or none, has taken its place.</summary>
    public Task Retired => _retired.Task;

    public void Retire() => _retired.TrySetResult();

    /// <exception cref="WorkerException">The app was built anew since the host started, and no longer has it.</exception>
    public string IdOf(string function) =>
        _ids.TryGetValue(function, out var id) ? id : throw new WorkerException($"the worker that runs now has no function '{function}'");

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await process.DisposeAsync().ConfigureAwait(false);
    }
}
