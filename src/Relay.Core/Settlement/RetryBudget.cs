using Relay.Core.Rates;

namespace Relay.Core.Settlement;

/// <summary>
/// What failures may cost: of the envelopes that a process takes up, retries are a tenth, or ten a second where that is more. A retry past
/// it is scheduled for the next moment that is free, so what an outage leaves behind comes back one after another and not all at once.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The schedule is on the bus with the messages and outlives every process; what is kept here, the traffic of the last minute and the next
/// free moment, a new process finds again within a minute. Each process has a tenth of its own traffic, so all together have a tenth of
/// all. Past <see cref="RetryBackoff.Most"/> no moment is given out: so much waits then that each comes once in that time at a moment of
/// its own choice, which is the least that brings it back soon after the outage.
/// </remarks>
public sealed class RetryBudget(TimeProvider time)
{
    /// <summary>One retry in so many first attempts.</summary>
    public const int Part = 10;

    /// <summary>Retries a second that are free whatever the traffic: a relay at rest mends itself at once.</summary>
    public const double Free = 10;

    // At once, so that what fails alone waits for its back-off only.
    private const int Burst = 100;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private double _recent;
    private long _recentAt = time.GetTimestamp();
    private long _due;

    /// <summary>Takes note of an envelope that is tried for the first time.</summary>
    public void Count()
    {
        lock (_gate)
        {
            Decay();
            _recent++;
        }
    }

    /// <summary>Takes the next free moment for a retry.</summary>
    /// <returns>How far ahead it lies; null when that is more than <see cref="RetryBackoff.Most"/>.</returns>
    public TimeSpan? TryTake()
    {
        lock (_gate)
        {
            Decay();
            var perSecond = Math.Max(Free, _recent / Window.TotalSeconds / Part);
            var interval = (long)Math.Ceiling(1_000_000 / perSecond);
            var rate = new Gcra(interval, interval * (Burst - 1));
            var now = Gcra.Elapsed(time);
            var from = Math.Max(now, rate.AdmitsFrom(_due, now, 0));
            if (from - now > RetryBackoff.Most.TotalMicroseconds) return null;
            _due = rate.After(_due, now);
            return TimeSpan.FromMicroseconds(from - now);
        }
    }

    // Called under the gate.
    private void Decay()
    {
        var now = time.GetTimestamp();
        _recent *= Math.Exp(-time.GetElapsedTime(_recentAt, now) / Window);
        _recentAt = now;
    }
}
