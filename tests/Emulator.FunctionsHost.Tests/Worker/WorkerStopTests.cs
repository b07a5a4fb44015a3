using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>The order in which a host ends: a worker that is told to terminate forgets what runs in it.</summary>
public sealed class WorkerStopTests
{
    private readonly ScriptedWorkers _workers = new(Listed.Timer("One", "0 0 0 1 1 *", ", 'runOnStartup': true"));
    private readonly TaskCompletionSource<InvocationRequest> _runs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Stop_FunctionRuns_TerminatesTheWorkerOnlyAfterItsResponse()
    {
        HoldInvocations();
        var host = await new TestHost { Workers = _workers }.StartAsync();
        var worker = Assert.Single(_workers.Started);
        var invocation = await TestDeadline.Within(_runs.Task);

        var stopping = host.StopAsync(CancellationToken.None);
        Assert.DoesNotContain(worker.Received, message => message.WorkerTerminate is not null);
        Assert.False(stopping.IsCompleted);
        await worker.SucceedAsync(invocation);
        await TestDeadline.Within(stopping);

        Assert.NotNull(worker.Received.Last().WorkerTerminate);
        Assert.Equal(new WorkerExit(0, ""), await worker.Exited);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_FunctionOutlivesTheDrain_IsCancelledAndThenTheWorkerTerminated()
    {
        HoldInvocations();
        var test = new TestHost { Workers = _workers, DrainTimeout = TimeSpan.Zero };
        var host = await test.StartAsync();
        var worker = Assert.Single(_workers.Started);
        var invocation = await TestDeadline.Within(_runs.Task);

        var stopping = host.StopAsync(CancellationToken.None);
        await TestDeadline.Until(() => worker.Received.Any(message => message.InvocationCancel?.InvocationId == invocation.InvocationId), "the cancellation");
        Assert.DoesNotContain(worker.Received, message => message.WorkerTerminate is not null);
        await worker.FailAsync(invocation, new RpcException { Message = "cancelled", Type = "System.Threading.Tasks.TaskCanceledException" });
        await TestDeadline.Within(stopping);

        Assert.NotNull(worker.Received.Last().WorkerTerminate);
        Assert.Equal((1, 0), (test.CountOf("Canceled One"), test.CountOf("Failed One")));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_FunctionNeverEnds_IsGivenUpAtTheShutdownTimeout()
    {
        HoldInvocations();
        var test = new TestHost { Workers = _workers, DrainTimeout = TimeSpan.Zero, ShutdownTimeout = TimeSpan.FromMilliseconds(200) };
        var host = await test.StartAsync();
        await TestDeadline.Within(_runs.Task);

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        Assert.Equal(1, test.CountOf("Functions host stopped waiting"));
        Assert.True(Assert.Single(_workers.Started).Exited.IsCompleted);
    }

    [Fact]
    public async Task Stop_WorkerIgnoresIt_IsKilled()
    {
        var workers = new ScriptedWorkers(Listed.Http("One")) { IgnoresTerminate = true };
        var test = new TestHost { Workers = workers, Timeouts = new WorkerTimeouts { Terminate = TimeSpan.FromMilliseconds(100) } };
        var host = await test.StartAsync();

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        Assert.Equal(137, (await Assert.Single(workers.Started).Exited).Code);
        Assert.Equal(1, test.CountOf("Worker 1 did not end"));
    }

    [Fact]
    public async Task Dispose_Twice_IsHarmlessAndFreesThePort()
    {
        var host = await new TestHost { Workers = _workers }.StartAsync();
        var port = host.HttpAddress.Port;
        await host.StopAsync(CancellationToken.None);
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
        await host.DisposeAsync();

        await using var next = await new TestHost { Workers = new ScriptedWorkers(Listed.Http("One")), HttpPort = port }.StartAsync();

        Assert.Equal(port, next.HttpAddress.Port);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoAndLeavesNoWorker()
    {
        await using var first = await new TestHost { Workers = _workers }.StartAsync();
        var second = new ScriptedWorkers(Listed.Http("One"));

        await Assert.ThrowsAsync<IOException>(() => new TestHost { Workers = second, HttpPort = first.HttpAddress.Port }.StartAsync());

        await TestDeadline.Within(Assert.Single(second.Started).Exited);
    }

    private void HoldInvocations() => _workers.OnInvocation((_, invocation) =>
    {
        _runs.TrySetResult(invocation);
        return Task.FromResult<StreamingMessage?>(null);
    });
}
