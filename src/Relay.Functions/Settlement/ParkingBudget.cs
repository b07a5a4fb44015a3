namespace Relay.Functions.Settlement;

/// <summary>
/// How much of its time a worker may have messages parked for trouble that may be one negotiation's alone, since whatever else it could
/// take waits meanwhile: a fifth, 5 s at once. However many wait together, it is the same time. Thread-safe.
/// </summary>
public sealed class ParkingBudget(TimeProvider time)
{
    /// <summary>Of the time.</summary>
    public const double Share = 0.2;

    /// <summary>What may be taken at once.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private TimeSpan _left = AtOnce;
    private long _at = time.GetTimestamp();
    private int _parked;

    /// <summary>Begins a wait, if any time is left; then <see cref="Leave"/> ends it.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            Account();
            if (_left <= TimeSpan.Zero) return false;
            _parked++;
            return true;
        }
    }

    /// <summary>Ends a wait.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            Account();
            _parked--;
        }
    }

    // Called under the gate.
    private void Account()
    {
        var now = time.GetTimestamp();
        var passed = time.GetElapsedTime(_at, now);
        _at = now;
        _left += passed * Share;
        if (_parked > 0) _left -= passed;
        if (_left > AtOnce) _left = AtOnce;
    }
}
