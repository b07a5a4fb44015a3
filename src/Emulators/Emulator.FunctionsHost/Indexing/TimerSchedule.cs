using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NCrontab;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>When a timer function runs: a cron expression in UTC, or a fixed interval.</summary>
internal abstract class TimerSchedule
{
    /// <summary>The first run after <paramref name="time"/>; null when there is none.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset time);

    /// <summary>Six fields with the second first, five without it, or a positive time such as <c>00:05:00</c>.</summary>
    public static bool TryParse(string expression, [NotNullWhen(true)] out TimerSchedule? schedule)
    {
        schedule = null;
        var fields = expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        if (fields is 5 or 6)
        {
            var cron = CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 });
            schedule = cron is null ? null : new Cron(cron);
        }
        else if (TimeSpan.TryParse(expression, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero)
        {
            schedule = new Interval(interval);
        }

        return schedule is not null;
    }

    private sealed class Cron(CrontabSchedule schedule) : TimerSchedule
    {
        // Past it the library finds nothing and says so by answering with the end it was given.
        private static readonly DateTime End = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public override DateTimeOffset? NextAfter(DateTimeOffset time)
        {
            var horizon = time.UtcDateTime.AddYears(30) is var far && far < End ? far : End;
            var next = schedule.GetNextOccurrence(time.UtcDateTime, horizon);
            return next >= horizon ? null : new DateTimeOffset(DateTime.SpecifyKind(next, DateTimeKind.Utc));
        }
    }

    private sealed class Interval(TimeSpan interval) : TimerSchedule
    {
        public override DateTimeOffset? NextAfter(DateTimeOffset time) => time + interval;
    }
}
