using System.Globalization;
using Emulator.FunctionsHost.Invocation;

namespace Emulator.FunctionsHost.Triggers.Timer;

/// <summary>
/// One run of a timer function as the Functions host describes it. Nothing is kept across restarts, so no run is ever past due.
/// </summary>
internal static class TimerData
{
    /// <param name="status">Null where the trigger is not monitored.</param>
    public static TriggerInput Compose(TimerStatus? status, DateTimeOffset now)
    {
        var info = new
        {
            Schedule = new { AdjustForDST = true },
            ScheduleStatus = status is null ? null : new
            {
                Last = status.Last.UtcDateTime,
                Next = status.Next?.UtcDateTime ?? DateTime.MaxValue,
                LastUpdated = status.Now.UtcDateTime,
            },
            IsPastDue = false,
        };
        var input = new TriggerInput(BindingValue.Json(info));
        input.Metadata["TimerTrigger"] = BindingValue.Of(now.ToString("O", CultureInfo.InvariantCulture));
        return input;
    }
}

/// <summary>The runs around one run.</summary>
/// <param name="Last">The default where there was none.</param>
/// <param name="Next">Null where there is none.</param>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset? Next, DateTimeOffset Now);
