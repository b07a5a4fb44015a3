using Microsoft.Extensions.Logging;
using Emulator.Functions.Indexing;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.Timer;

/// <summary>Runs one timer function, never twice at once: the next run is found after the one before it has ended.</summary>
/// <param name="stopping">Signalled when the host stops: ends the wait and tells the function.</param>
internal sealed class TimerListener(
    FunctionDescriptor function, FunctionInvoker invoker, TimeProvider timeProvider, ILogger<TimerListener> logger, CancellationToken stopping)
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
        var started = timeProvider.GetUtcNow();
        _loop = RunAsync(started);
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
                await InvokeAsync(_trigger.Schedule.NextAfter(after)).ConfigureAwait(false);
                after = timeProvider.GetUtcNow();
            }

            while (_trigger.Schedule.NextAfter(after) is { } due)
            {
                FunctionsHostLog.TimerArmed(logger, function.Name, due);
                await WaitUntilAsync(due).ConfigureAwait(false);
                await InvokeAsync(_trigger.Schedule.NextAfter(due)).ConfigureAwait(false);
                after = timeProvider.GetUtcNow();
            }

            FunctionsHostLog.TimerEnded(logger, function.Name, _trigger.Expression);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task WaitUntilAsync(DateTimeOffset due)
    {
        // A timer may fire a moment early: only the clock decides.
        while (due - timeProvider.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestWait ? left : LongestWait, timeProvider, stopping).ConfigureAwait(false);
        }
    }

    private async Task InvokeAsync(DateTimeOffset? next)
    {
        stopping.ThrowIfCancellationRequested();
        var now = timeProvider.GetUtcNow();
        try
        {
            await invoker.InvokeAsync(function, new TimerTriggerInput(_trigger, _last, next, now), stopping).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Logged by the invoker; a failed run does not end the schedule.
        }

        _last = now;
    }
}
