namespace Relay.Core.Statistics;

/// <summary>
/// A histogram of durations whose buckets grow by the fourth root of two from 1 ms: 68, the last without an end after 93 s. Any quantile
/// is told at most 19 % too high. Not safe for concurrent use.
/// </summary>
public sealed class LatencyTally() : BucketTally(Buckets)
{
    /// <summary>Buckets: 68.</summary>
    public const int Buckets = 68;

    /// <summary>Upper end of a bucket in seconds; of the last, which has none, its lower.</summary>
    public static double UpTo(int bucket) => 0.001 * Math.Pow(2, Math.Min(bucket, Buckets - 2) / 4.0);

    /// <summary>The bucket of a duration; what is below zero is the first's.</summary>
    public static int BucketOf(TimeSpan duration)
    {
        // What lies on an end counts below it, whatever the logarithm's last digit.
        var exponent = Math.Ceiling(4 * Math.Log2(Math.Max(duration.TotalSeconds, 0.001) / 0.001) - 1e-9);
        return (int)Math.Min(exponent, Buckets - 1);
    }

    /// <summary>Adds all of another.</summary>
    public void Add(LatencyTally other) => AddAll(other, 1);

    /// <summary>The least bucket's end, in seconds, below which this part of all durations lies; null where there is none.</summary>
    /// <param name="part">0 to 1.</param>
    public double? Quantile(double part)
    {
        if (Count == 0) return null;
        var rank = Math.Max(1, (long)Math.Ceiling(part * Count));
        var seen = 0L;
        for (var i = 0; i < Buckets; i++)
        {
            seen += this[i];
            if (seen >= rank) return UpTo(i);
        }

        throw new InvalidOperationException("A histogram counts what is in its buckets.");
    }
}
