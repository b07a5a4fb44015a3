namespace Relay.Core.Ledger.Commit;

/// <summary>
/// What time it is by the services that this process talks to: the <c>Date</c> of their answers (RFC 9110 section 6.6.1). A
/// worker whose own clock is far ahead of it must not date entries: time in a ledger only goes forward, so one such commit would
/// stand in everybody's way for as long as the clock was ahead. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Dates are whole seconds and come late, never early, so the latest one says least wrongly what time it is; between answers the monotonic
/// clock goes on. Of several services the one furthest ahead counts: one that is behind stops nobody.
/// </remarks>
public sealed class ServiceClock(TimeProvider time)
{
    /// <summary>How far this machine's clock may be ahead: 1 minute, half of what a verifier forgives.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(1);

    // Of a date, which has whole seconds.
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    // A reading is trusted for as long as a clock may be set back in the service without stopping us.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    // Guards the field below.
    private readonly Lock _gate = new();
    private (DateTimeOffset Date, long At)? _latest;

    /// <summary>Takes the date of an answer that has just come.</summary>
    public void Observe(DateTimeOffset date)
    {
        var at = time.GetTimestamp();
        lock (_gate)
        {
            if (_latest is { } latest && time.GetElapsedTime(latest.At, at) is var age && age < MaxAge && latest.Date + age >= date) return;
            _latest = (date, at);
        }
    }

    /// <summary>
    /// Takes a moment that a service's clock has come to, nobody knows how long ago, such as when a queue made a message visible: a reading
    /// that is behind it is no longer right. It is none by itself.
    /// </summary>
    public void ObserveAtLeast(DateTimeOffset moment)
    {
        var at = time.GetTimestamp();
        lock (_gate)
        {
            // However old a reading is: a message may have waited on its queue for longer.
            if (_latest is not { } latest || latest.Date + time.GetElapsedTime(latest.At, at) >= moment) return;
            _latest = (moment, at);
        }
    }

    /// <summary>
    /// What time it is for whoever must not be early: this machine's, or the services' where it is ahead of them by more than their dates
    /// can tell.
    /// </summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return AheadAt(now) is { } ahead && ahead > Resolution ? now - ahead : now;
        }
    }

    /// <summary>How far this machine's clock is ahead of the services'; negative behind, null before the first answer.</summary>
    public TimeSpan? Ahead => AheadAt(time.GetUtcNow());

    /// <summary>How far a reading of this machine's clock, taken just now, is ahead of the services'.</summary>
    /// <param name="now">The reading: who dates something by it asks of it, since a clock may be set before it is read again.</param>
    /// <returns>Negative behind, null before the first answer.</returns>
    public TimeSpan? AheadAt(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _latest is { } latest ? now - (latest.Date + time.GetElapsedTime(latest.At)) : null;
        }
    }

    /// <summary>Why nothing is dated or judged by a clock that is so far ahead, or behind.</summary>
    public static string Objection(TimeSpan ahead) =>
        $"expected this machine's clock within {MaxAhead} of the services', it is {ahead.Duration():c} "
            + $"{(ahead > TimeSpan.Zero ? "ahead" : "behind")}: set it";
}
