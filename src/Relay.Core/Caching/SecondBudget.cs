namespace Relay.Core.Caching;

/// <summary>How many of something a second: keys that are new, acknowledgements of a delegation. Safe for concurrent use.</summary>
/// <param name="perSecond">At least 1.</param>
/// <param name="time">Clock of the second.</param>
internal sealed class SecondBudget(int perSecond, TimeProvider time)
{
    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private long _windowStart = time.GetTimestamp();
    private int _taken;

    /// <summary>Takes one; false when this second's are taken.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_windowStart) >= TimeSpan.FromSeconds(1))
            {
                _windowStart = time.GetTimestamp();
                _taken = 0;
            }

            if (_taken >= perSecond) return false;
            _taken++;
            return true;
        }
    }
}
