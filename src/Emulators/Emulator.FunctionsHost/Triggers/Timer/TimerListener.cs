using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Triggers.Timer;

/// <summary>
/// Runs one timer function, never twice at once: the next run is found after the one before it, with its retries, has ended.
/// </summary>
/// <param name="stopping">Signalled when the host stops: ends the wait.</param>
/// <param name="cancelling">Signalled when what still runs is told to stop; the function sees it.</param>
internal sealed class TimerListener(
    FunctionDescriptor function, FunctionInvoker invoker, TimeProvider time, ILogger<TimerListener> logger, CancellationToken stopping,
    CancellationToken cancelling)
    : ITriggerListener
{
    // Timers of the platform take at most 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimerTriggerDescriptor _trigger = (TimerTriggerDescriptor)function.Trigger;
    private Task _loop = Task.CompletedTask;

    // Owned by the loop: the run before this one, or the default where there was none.
    private DateTimeOffset _last;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = RunAsync(time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _loop.WaitAsync(cancellationToken);

    private async Task RunAsync(DateTimeOffset after)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (_trigger.RunOnStartup)
            {
                await RunOnceAsync(_trigger.Schedule.NextAfter(after)).ConfigureAwait(false);
                after = time.GetUtcNow();
            }

            while (_trigger.Schedule.NextAfter(after) is { } due)
            {
                HostLog.TimerArmed(logger, function.Name, due);
                await WaitUntilAsync(due).ConfigureAwait(false);
                await RunOnceAsync(_trigger.Schedule.NextAfter(due)).ConfigureAwait(false);
                after = time.GetUtcNow();
            }

            HostLog.TimerEnded(logger, function.Name, _trigger.Expression);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task WaitUntilAsync(DateTimeOffset due)
    {
        // A timer may fire a moment early: only the clock decides.
        while (due - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestWait ? left : LongestWait, time, stopping).ConfigureAwait(false);
        }
    }

    private async Task RunOnceAsync(DateTimeOffset? next)
    {
        var now = time.GetUtcNow();
        var input = TimerData.Compose(_trigger.UseMonitor ? new TimerStatus(_last, next, now) : null, now);
        RetryContext? retry = null;
        for (var count = 1; ; count++)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                await invoker.InvokeAsync(function, input with { Retry = retry }, cancelling).ConfigureAwait(false);
                break;
            }
            catch (FunctionFailedException exception)
            {
                // Logged by the invoker; a failed run does not end the schedule.
                if (exception.Failure == FunctionFailure.Canceled
                    || function.Retry is not { } policy
                    || (policy.MaxRetries >= 0 && count > policy.MaxRetries))
                {
                    break;
                }
                retry = Context(count, policy, exception);
                var delay = policy.DelayBefore(count);
                HostLog.Retrying(logger, function.Name, delay, count, policy.MaxRetries < 0 ? "any number" : $"{policy.MaxRetries}");
                await Task.Delay(delay, time, stopping).ConfigureAwait(false);
            }
        }

        _last = now;
    }

    private static RetryContext Context(int count, RetryPolicy policy, FunctionFailedException exception) => new()
    {
        RetryCount = count,
        MaxRetryCount = policy.MaxRetries,
        Exception = exception.InnerException is RemoteException remote ? remote.Remote : new RpcException { Message = exception.Message },
    };
}
