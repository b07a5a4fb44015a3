using Azure.Messaging.ServiceBus.Wire;
using Relay.Testing;

namespace Azure.Messaging.ServiceBus.Tests.Wire;

public sealed class RetryRunnerTests
{
    private readonly ManualTimeProvider _time = new();
    private int _tries;

    [Fact]
    public async Task RunAsync_TransientThenSuccess_WaitsAndReturns()
    {
        var running = Runner().RunAsync((_, _) => ++_tries < 3 ? throw new ServiceBusException(true, "again") : Task.FromResult(_tries), "q1", Cancel);

        await TimerAsync();
        _time.Advance(TimeSpan.FromSeconds(1.6));
        await TimerAsync();
        _time.Advance(TimeSpan.FromSeconds(3.2));

        Assert.Equal(3, await running);
    }

    [Fact]
    public async Task RunAsync_DelayNotOver_DoesNotTryAgain()
    {
        var running = Runner().RunAsync((_, _) => ++_tries < 2 ? throw new ServiceBusException(true, "again") : Task.FromResult(_tries), "q1", Cancel);

        await TimerAsync();
        _time.Advance(TimeSpan.FromSeconds(1.59));
        Assert.Equal(1, _tries);
        _time.Advance(TimeSpan.FromSeconds(0.01));

        Assert.Equal(2, await running);
    }

    [Fact]
    public async Task RunAsync_PermanentFailure_IsThrownAtOnce()
    {
        var failure = await Assert.ThrowsAsync<ServiceBusException>(() => Runner().RunAsync<int>(
            (_, _) => { _tries++; throw new ServiceBusException("gone", ServiceBusFailureReason.MessagingEntityNotFound); }, "q1", Cancel));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, failure.Reason);
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task RunAsync_EveryTryFails_ThrowsTheLastAfterFourTries()
    {
        var running = Runner().RunAsync<int>((_, _) => throw new ServiceBusException(true, $"try {++_tries}"), "q1", Cancel);
        foreach (var delay in new[] { 1.6, 3.2, 6.4 })
        {
            await TimerAsync();
            _time.Advance(TimeSpan.FromSeconds(delay));
        }

        Assert.Contains("try 4", (await Assert.ThrowsAsync<ServiceBusException>(() => running)).Message, StringComparison.Ordinal);
        Assert.Equal(4, _tries);
    }

    [Fact]
    public async Task RunAsync_TryTimeoutPasses_IsServiceTimeout()
    {
        var runner = Runner(new ServiceBusRetryOptions { MaxRetries = 0 });
        var running = runner.RunAsync<int>(async (_, token) => { await Task.Delay(Timeout.InfiniteTimeSpan, _time, token); return 0; }, "q1", Cancel);

        await TimerAsync();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, (await Assert.ThrowsAsync<ServiceBusException>(() => running)).Reason);
    }

    [Fact]
    public async Task RunAsync_CallerCancels_IsTaskCanceled()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = Runner().RunAsync<int>(async (_, token) => { await Task.Delay(Timeout.InfiniteTimeSpan, _time, token); return 0; }, "q1", caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => running);
    }

    [Fact]
    public async Task RunAsync_ServerBusy_MakesTheNextOperationWaitTenSeconds()
    {
        var runner = Runner(new ServiceBusRetryOptions { MaxRetries = 0 });
        await Assert.ThrowsAsync<ServiceBusException>(() => runner.RunAsync<int>(
            (_, _) => throw new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy), "q1", Cancel));

        var next = runner.RunAsync((_, _) => Task.FromResult(++_tries), "q1", Cancel);
        await TimerAsync();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, _tries);
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(1, await next);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RetryRunner Runner(ServiceBusRetryOptions? options = null) => new(new OptionsRetryPolicy(options ?? new(), () => 0), _time);

    private Task TimerAsync() => TestDeadline.Until(() => _time.ArmedTimers > 0, "a timer of the runner");
}
