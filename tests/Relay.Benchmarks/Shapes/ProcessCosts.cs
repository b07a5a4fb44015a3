namespace Relay.Benchmarks.Shapes;

/// <summary>What this process cost for some time.</summary>
/// <param name="Processor">Processor time of all threads, the compiler's and the collector's too.</param>
/// <param name="AllocatedBytes">Managed memory allocated.</param>
/// <param name="Paused">Time that the collector stopped everything, in all.</param>
internal readonly record struct ProcessCosts(TimeSpan Processor, long AllocatedBytes, TimeSpan Paused)
{
    /// <summary>Since the process began.</summary>
    public static ProcessCosts Now =>
        new(Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), GC.GetTotalPauseDuration());

    public static ProcessCosts operator -(ProcessCosts left, ProcessCosts right) =>
        new(left.Processor - right.Processor, left.AllocatedBytes - right.AllocatedBytes, left.Paused - right.Paused);
}
