using System.Globalization;
using Emulator.FunctionsHost.Indexing;

namespace Emulator.FunctionsHost.Tests.Indexing;

public sealed class TimerScheduleTests
{
    [Theory]
    [InlineData("0 */5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z")]
    [InlineData("30 59 23 * * *", "2026-01-01T00:00:00Z", "2026-01-01T23:59:30Z")]
    [InlineData("0 0 9 * * MON", "2026-01-01T00:00:00Z", "2026-01-05T09:00:00Z")]
    [InlineData("*/5 * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:05:00Z")]
    [InlineData("0 0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("00:05:00", "2026-01-01T00:00:01Z", "2026-01-01T00:05:01Z")]
    public void NextAfter_Schedule_IsTheNextRun(string expression, string after, string expected)
    {
        Assert.True(TimerSchedule.TryParse(expression, out var schedule));

        Assert.Equal(At(expected), schedule.NextAfter(At(after)));
    }

    [Fact]
    public void NextAfter_DayThatNeverComes_IsNull()
    {
        Assert.True(TimerSchedule.TryParse("0 0 0 31 2 *", out var schedule));

        Assert.Null(schedule.NextAfter(At("2026-01-01T00:00:00Z")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * * *")]
    [InlineData("61 * * * * *")]
    [InlineData("a b c d e f")]
    [InlineData("00:00:00")]
    [InlineData("-00:01:00")]
    [InlineData("soon")]
    public void TryParse_NoSchedule_IsFalse(string expression) => Assert.False(TimerSchedule.TryParse(expression, out _));

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
