namespace Relay.Benchmarks.Shapes;

/// <summary>What a backlog came to.</summary>
/// <param name="Done">Envelopes forwarded, each counted once.</param>
/// <param name="Again">Forwarded more than once.</param>
/// <param name="Seconds">From the first one taken to the last one forwarded, or to the end of patience.</param>
/// <param name="P50">Milliseconds from when an envelope was first taken, or due at a steady rate, to its forwarding.</param>
/// <param name="P99">The same.</param>
/// <param name="LongestStall">Milliseconds between two that were forwarded one after the other, at most.</param>
/// <param name="Bus">What the queue and the topics did.</param>
internal sealed record ShapeResult(
    Shape Shape, int Done, int Again, double Seconds, double P50, double P99, double LongestStall, BusCounts Bus)
{
    /// <summary>Calls at the store, until all of the commits' work was done.</summary>
    public StoreCounts Store { get; init; }

    /// <summary>Files and directories synced by folder stores.</summary>
    public long Syncs { get; init; }

    /// <summary>Certificates asked for.</summary>
    public int VaultCalls { get; init; }

    /// <summary>What the process cost meanwhile, until all of the commits' work was done.</summary>
    public ProcessCosts Process { get; init; }

    /// <summary>Milliseconds for which the collector stopped everything, at most, as far as it was seen.</summary>
    public double LongestPause { get; init; }

    /// <summary>By which the store grew.</summary>
    public long BytesKept { get; init; }

    public double PerSecond => Done / Seconds;

    public bool IsComplete => Done >= Shape.OfEachStream * Shape.Negotiations * Shape.Senders;

    /// <summary>Per envelope that was forwarded.</summary>
    public double Each(long count) => (double)count / Math.Max(1, Done);
}
