using Relay.Protocol.Keys;

namespace Relay.Azure.Keys;

/// <summary>Tells a key version that does not exist from one that the last listing could not have shown yet.</summary>
/// <remarks>
/// Listings are kept apart by an interval, so a version first met right after one may be brand new. It is called unknown only when a
/// listing begun after it was first met does not show it; until then it may be tried again. The memory is bounded: while it is full of
/// versions met lately, somebody is making them up, and a further one is
/// looked at again without being remembered. It is not called unknown: it may
/// be the genuine one of a mediator whose key was just rotated, and the next listing shows it.
/// </remarks>
internal sealed class UnknownVersions(TimeProvider time)
{
    private const int MaxRemembered = 256;

    // Longer than the longest back-off of a retry, so that the second look finds the first.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    // Guards _firstMet. Never held across an await.
    private readonly Lock _gate = new();
    private readonly Dictionary<KeyIdentifier, long> _firstMet = [];

    /// <param name="key">The version that was not listed.</param>
    /// <param name="askedAt">Timestamp of this look.</param>
    /// <param name="listedAt">Timestamp of the beginning of the listing that does not show it.</param>
    public bool IsCertain(KeyIdentifier key, long askedAt, long listedAt)
    {
        if (listedAt >= askedAt) return true;
        lock (_gate)
        {
            if (_firstMet.TryGetValue(key, out var firstMet)) return listedAt >= firstMet;
            if (_firstMet.Count >= MaxRemembered && !DropOld()) return false;
            _firstMet[key] = askedAt;
            return false;
        }
    }

    private bool DropOld()
    {
        var before = _firstMet.Count;
        foreach (var (key, firstMet) in _firstMet)
        {
            if (time.GetElapsedTime(firstMet) > MaxAge) _firstMet.Remove(key);
        }

        return _firstMet.Count < before;
    }
}
