namespace Relay.Core.Settlement;

/// <summary>How long a copy waits after a transient verdict: exponential with full jitter between 0.5 s and 5 min.</summary>
/// <remarks>
/// Full jitter rather than a fraction of it: after an outage every waiting envelope comes back, and only a spread over the
/// whole window keeps them from coming back together.
/// </remarks>
/// <param name="random">Uniform in [0, 1); called from any thread.</param>
public sealed class RetryBackoff(Func<double> random)
{
    /// <summary>Shortest wait.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(0.5);

    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ShortestCeiling = TimeSpan.FromSeconds(1);

    // 0.5 s * 2^10 is past five minutes; a larger exponent only risks overflow.
    private const int LargestExponent = 10;

    /// <param name="attempt">Which attempt failed: 0 for the message as it came, n for its n-th copy.</param>
    /// <returns>Uniform in [0.5 s, min(5 min, 0.5 s * 2^(attempt + 1))].</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is negative.</exception>
    public TimeSpan After(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        var ceiling = Least * Math.Pow(2, Math.Min(attempt, LargestExponent) + 1);
        if (ceiling > Most) ceiling = Most;
        return UpTo(ceiling);
    }

    /// <param name="longest">The wait of what is not a failure but early.</param>
    /// <returns>Uniform in [0.5 s, <paramref name="longest"/>], which is brought into the range from 1 s to 5 min.</returns>
    public TimeSpan Within(TimeSpan longest) => UpTo(longest > Most ? Most : longest < ShortestCeiling ? ShortestCeiling : longest);

    /// <param name="shortest">The wait of what somebody sees to meanwhile.</param>
    /// <param name="longest">As above.</param>
    /// <returns>Uniform between them, each brought into the range from 0.5 s to 5 min.</returns>
    public TimeSpan Between(TimeSpan shortest, TimeSpan longest)
    {
        var (from, to) = (Bounded(shortest), Bounded(longest));
        return to <= from ? from : from + (to - from) * random();
    }

    private static TimeSpan Bounded(TimeSpan wait) => wait < Least ? Least : wait > Most ? Most : wait;

    private TimeSpan UpTo(TimeSpan ceiling) => Least + (ceiling - Least) * random();
}
