namespace Relay.Simulation.Tests.Kernel;

/// <summary>
/// The kernel's clock as one worker sees it: some way off, as clocks are; its timers fire as events, none once it is dead.
/// </summary>
internal sealed class SimTime(SimKernel kernel, SimLife life, TimeSpan ahead) : TimeProvider
{
    /// <summary>How far it is ahead; a clock that is set steps.</summary>
    public TimeSpan Ahead { get; set; } = ahead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => kernel.Now + Ahead;

    public override long GetTimestamp() => kernel.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(kernel, life, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimKernel kernel, SimLife life, Action fire) : ITimer
    {
        // Counts changes: an event of an earlier setting finds another number and does nothing.
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan) Arm(setting, dueTime, period);
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(int setting, TimeSpan dueTime, TimeSpan period) => kernel.After(dueTime, () =>
        {
            if (!life.Alive || setting != _setting) return;
            if (period > TimeSpan.Zero) Arm(setting, period, period);
            fire();
        });
    }
}
