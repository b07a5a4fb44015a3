using System.Collections.Concurrent;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>Starts scripted workers in the place of processes, and keeps them.</summary>
internal sealed class ScriptedWorkers
{
    private int _count;

    public ScriptedWorkers(params RpcFunctionMetadata[] functions) => Functions = functions;

    public IReadOnlyList<RpcFunctionMetadata> Functions { get; set; }

    /// <summary>Answers a message of the host's; null for none. Runs in the worker's read loop.</summary>
    public Func<ScriptedWorker, StreamingMessage, Task<StreamingMessage?>> Script { get; set; } = static (worker, message) =>
        Task.FromResult(worker.Usual(message));

    /// <summary>The id that a worker gives at the start of its stream, from the one it was started with.</summary>
    public Func<string, string> Calls { get; set; } = static id => id;

    public bool IgnoresTerminate { get; init; }

    /// <summary>Those started, oldest first.</summary>
    public ConcurrentQueue<ScriptedWorker> Started { get; } = [];

    public IWorkerProcess Start(Uri grpc, string workerId)
    {
        var worker = new ScriptedWorker(this, grpc, workerId, Interlocked.Increment(ref _count));
        Started.Enqueue(worker);
        return worker;
    }

    /// <summary>The one of that number, as soon as it has been started.</summary>
    public async Task<ScriptedWorker> WorkerAsync(int number)
    {
        await TestDeadline.Until(() => Started.Count >= number, $"worker {number} is started");
        return Started.ElementAt(number - 1);
    }

    /// <summary>Answers invocations in another way, all else as usual.</summary>
    public void OnInvocation(Func<ScriptedWorker, InvocationRequest, Task<StreamingMessage?>> answer) => Script = (worker, message) =>
        message.InvocationRequest is { } invocation ? answer(worker, invocation) : Task.FromResult(worker.Usual(message));
}
