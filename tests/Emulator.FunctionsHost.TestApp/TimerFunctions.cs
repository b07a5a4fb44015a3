using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.TestApp;

/// <summary>Timer functions.</summary>
public sealed partial class TimerFunctions(ILogger<TimerFunctions> logger)
{
    /// <summary>Says what it was told.</summary>
    [Function("Tick")]
    public void Tick([TimerTrigger("%TickSchedule%", RunOnStartup = true)] TimerInfo timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        Ticked(logger, $"tick {timer.IsPastDue} {timer.ScheduleStatus?.Next:O}");
    }

    /// <summary>Fails until its second retry.</summary>
    [Function("Retried")]
    [FixedDelayRetry(3, "00:00:00")]
    public void Retried([TimerTrigger("%TickSchedule%", RunOnStartup = true)] TimerInfo timer, FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Ticked(logger, $"retry {context.RetryContext?.RetryCount} of {context.RetryContext?.MaxRetryCount}");
        if (context.RetryContext is not { RetryCount: 2 }) throw new InvalidTimeZoneException("not yet");
    }

    [LoggerMessage(61, LogLevel.Information, "{Text}")]
    private static partial void Ticked(ILogger logger, string text);
}
