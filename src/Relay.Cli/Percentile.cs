namespace Relay.Cli;

/// <summary>Percentiles by nearest rank.</summary>
internal static class Percentile
{
    /// <summary>The latency that <paramref name="share"/> (0 to 1) of all did not exceed, in milliseconds; 0 when there was none.</summary>
    public static double Milliseconds(IReadOnlyCollection<TimeSpan> latencies, double share)
    {
        if (latencies.Count == 0) return 0;
        var sorted = latencies.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)].TotalMilliseconds;
    }
}
