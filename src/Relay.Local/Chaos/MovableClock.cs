namespace Relay.Local.Chaos;

/// <summary>
/// A clock that is off another by what is asked for at each reading. Timers that run when it is moved on end as if the time between had
/// passed. Safe for concurrent use.
/// </summary>
/// <param name="time">The other.</param>
/// <param name="offset">How far it is off.</param>
internal sealed class MovableClock(TimeProvider time, Func<TimeSpan> offset) : TimeProvider
{
    // Guards _timers. No call out of this class but to the other clock's timers is made inside.
    private readonly Lock _gate = new();
    private readonly HashSet<MovableTimer> _timers = [];

    private TimeProvider Behind => time;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + offset();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MovableTimer(this, callback, state);
        timer.Start(dueTime, period);
        return timer;
    }

    /// <summary>Tells the timers that the offset has grown by so much; nothing to do when it has shrunk.</summary>
    public void Moved(TimeSpan by)
    {
        if (by <= TimeSpan.Zero) return;
        lock (_gate)
        {
            foreach (var timer in _timers) timer.Hasten(by);
        }
    }

    private sealed class MovableTimer(MovableClock clock, TimerCallback callback, object? state) : ITimer
    {
        private ITimer? _timer;
        private long _setAt;
        private TimeSpan _due = Timeout.InfiniteTimeSpan;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        // Held by the clock until disposed: those who make timers here dispose them.
        public void Start(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Add(this);
                Remember(dueTime, period);
                _timer = clock.Behind.CreateTimer(callback, state, dueTime, period);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Remember(dueTime, period);
                return _timer!.Change(dueTime, period);
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                _timer!.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        // One that has fired, and does not again, is not due any more.
        public void Hasten(TimeSpan by)
        {
            if (_due == Timeout.InfiniteTimeSpan) return;
            var left = _due - clock.GetElapsedTime(_setAt);
            if (left <= TimeSpan.Zero && _period == Timeout.InfiniteTimeSpan) return;
            var due = left > by ? left - by : TimeSpan.Zero;
            Remember(due, _period);
            _timer!.Change(due, _period);
        }

        private void Remember(TimeSpan dueTime, TimeSpan period) => (_setAt, _due, _period) = (clock.GetTimestamp(), dueTime, period);
    }
}
