namespace Relay.Core.Statistics;

/// <summary>A histogram: counts in a fixed number of buckets. Not safe for concurrent use.</summary>
/// <param name="buckets">How many buckets; positive.</param>
public abstract class BucketTally(int buckets)
{
    private readonly int[] _counts = new int[buckets];

    /// <summary>How many buckets.</summary>
    public int Length => _counts.Length;

    /// <summary>All that is counted.</summary>
    public int Count { get; private set; }

    /// <summary>What is counted in a bucket.</summary>
    public int this[int bucket] => _counts[bucket];

    /// <summary>Counts some in one bucket.</summary>
    public void Add(int bucket, int count = 1)
    {
        _counts[bucket] += count;
        Count += count;
    }

    /// <summary>Adds all of another, or takes it away again.</summary>
    /// <param name="other">The other, with as many buckets.</param>
    /// <param name="times">1 to add it, -1 to take away what was added.</param>
    internal void AddAll(BucketTally other, int times)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Length, Length);
        for (var i = 0; i < Length; i++) _counts[i] += times * other._counts[i];
        Count += times * other.Count;
    }
}
