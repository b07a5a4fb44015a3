namespace Relay.Benchmarks.Shapes;

/// <summary>What a backlog came to.</summary>
/// <param name="Done">Envelopes forwarded, each counted once.</param>
/// <param name="Again">Forwarded more than once.</param>
/// <param name="Seconds">From the first one taken to the last one forwarded, or to the end of patience.</param>
/// <param name="P50">Milliseconds from when an envelope was first taken, or due at a steady rate, to its forwarding.</param>
/// <param name="P99">The same.</param>
/// <param name="LongestStall">Milliseconds between two that were forwarded one after the other, at most.</param>
/// <param name="Store">Calls at the store, until all of the commits' work was done.</param>
/// <param name="Bus">What the queue and the topics did.</param>
/// <param name="Syncs">Files and directories synced by folder stores.</param>
/// <param name="VaultCalls">Signatures and keys asked for.</param>
internal sealed record ShapeResult(
    Shape Shape, int Done, int Again, double Seconds, double P50, double P99, double LongestStall,
    StoreCounts Store, BusCounts Bus, long Syncs, int VaultCalls)
{
    public double PerSecond => Done / Seconds;

    public bool IsComplete => Done >= Shape.OfEachStream * Shape.Negotiations * Shape.Senders;

    /// <summary>Per envelope that was forwarded.</summary>
    public double Each(long count) => (double)count / Math.Max(1, Done);
}
