namespace Relay.Functions.Operating;

/// <summary>The operators' log, verified.</summary>
/// <param name="Size">How many entries it has.</param>
/// <param name="Head">Size and hash of the last, as the topic <c>signals</c> is told; absent while there is none.</param>
/// <param name="Entries">From the one that was asked for on, at most 100, without the single dead letters.</param>
public sealed record OperatorsLog(int Size, string? Head, IReadOnlyList<OperatorsLog.Entry> Entries)
{
    /// <summary>One act.</summary>
    /// <param name="Index">From 0.</param>
    /// <param name="At">When.</param>
    /// <param name="By">Who.</param>
    /// <param name="Act">What: <c>redrive-begin</c>, <c>redrive-batch</c>, <c>redrive-end</c>, and the same of <c>drop</c>.</param>
    /// <param name="Run">The run it is of.</param>
    /// <param name="Count">How many dead letters it is about.</param>
    /// <param name="Filter">Which were meant, where a run begins.</param>
    /// <param name="Because">Why, where a drop begins.</param>
    public sealed record Entry(
        long Index, DateTimeOffset At, string By, string Act, string Run, int Count, string? Filter, string? Because);
}
