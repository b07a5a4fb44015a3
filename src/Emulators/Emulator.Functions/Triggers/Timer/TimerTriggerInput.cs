using System.Collections.ObjectModel;
using Microsoft.Azure.Functions.Worker;
using Emulator.Functions.Indexing;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.Timer;

/// <summary>One run of a timer function. Nothing is kept across restarts, so no run is ever past due.</summary>
internal sealed class TimerTriggerInput(TimerTriggerDescriptor trigger, DateTimeOffset last, DateTimeOffset? next, DateTimeOffset now) : TriggerInput
{
    public override object ValueAs(Type type) => new TimerInfo
    {
        IsPastDue = false,
        ScheduleStatus = trigger.UseMonitor
            ? new ScheduleStatus { Last = last.UtcDateTime, Next = next?.UtcDateTime ?? DateTime.MaxValue, LastUpdated = now.UtcDateTime }
            : null,
    };

    public override IReadOnlyDictionary<string, object?> ReadBindingData() => ReadOnlyDictionary<string, object?>.Empty;
}
