namespace Relay.Testing;

/// <summary>A clock that is set, onward or back, while what has elapsed, and timers, go by another: what a machine's clock does.</summary>
/// <param name="time">The other.</param>
public sealed class SetClock(TimeProvider time) : TimeProvider
{
    /// <summary>The system's clock, set so far onward or back.</summary>
    public SetClock(TimeSpan offset)
        : this(System) => Offset = offset;

    /// <summary>How far it is off the other.</summary>
    public TimeSpan Offset { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Offset;

    /// <inheritdoc/>
    public override long GetTimestamp() => time.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
