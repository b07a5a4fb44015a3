using Relay.Local.Chaos;
using Relay.Testing;

namespace Relay.IntegrationTests.Chaos;

/// <summary>A clock that is moved: what it says, and when its timers end.</summary>
public sealed class MovableClockTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MovableClock _clock;
    private TimeSpan _offset;
    private int _fired;

    public MovableClockTests() => _clock = new MovableClock(_time, () => _offset);

    [Fact]
    public void Moved_Onward_SaysALaterTimeAndEndsTimersSooner()
    {
        var before = _clock.GetUtcNow();
        using var timer = _clock.CreateTimer(_ => _fired++, null, TimeSpan.FromMinutes(30), Timeout.InfiniteTimeSpan);
        Move(TimeSpan.FromMinutes(20));
        Assert.Equal(before + TimeSpan.FromMinutes(20), _clock.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(0, _fired);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _fired);
        Move(TimeSpan.FromMinutes(40));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _fired);
    }

    [Fact]
    public async Task Moved_PastATimer_EndsItAtOnce()
    {
        using var timer = _clock.CreateTimer(_ => _fired++, null, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);
        Move(TimeSpan.FromMinutes(6));
        await TestDeadline.Until(() => Volatile.Read(ref _fired) == 1, "the timer has ended");
    }

    [Fact]
    public void Moved_Back_SaysAnEarlierTimeAndLeavesTimers()
    {
        var before = _clock.GetUtcNow();
        using var timer = _clock.CreateTimer(_ => _fired++, null, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);
        Move(-TimeSpan.FromMinutes(10));
        Assert.Equal(before - TimeSpan.FromMinutes(10), _clock.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, _fired);
    }

    [Fact]
    public void Timer_ChangedOrDisposed_IsWhatItWasMadeLast()
    {
        using var timer = _clock.CreateTimer(_ => _fired++, null, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        Move(TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, _fired);
        timer.Dispose();
        Move(TimeSpan.FromHours(2));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, _fired);
    }

    private void Move(TimeSpan to)
    {
        var by = to - _offset;
        _offset = to;
        _clock.Moved(by);
    }
}
