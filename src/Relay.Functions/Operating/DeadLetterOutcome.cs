namespace Relay.Functions.Operating;

/// <summary>What a redrive or a drop did, or would do.</summary>
/// <param name="Status">
/// <c>dry-run</c>: nothing was changed; <c>complete</c>; <c>more</c>: its time was over, and the same call again goes on.
/// </param>
/// <param name="Run">Name of the run in the operators' log; absent where nothing was done.</param>
/// <param name="Done">Put back, or chosen to be dropped, by this call.</param>
/// <param name="Remaining">Not yet; of a dry run all that would be.</param>
/// <param name="Before">Put back by an earlier run: they are taken away only.</param>
/// <param name="PerhapsTwice">Of those put back, how many an earlier run that died may have put back too.</param>
/// <param name="Gone">Were gone when their turn came.</param>
/// <param name="Left">
/// Put back or dropped, and dead letters still: locked by another program, or behind others. The same call again.
/// </param>
/// <param name="Hopeless">Of a redrive: have expired or have no body, and stay; they can only be dropped.</param>
/// <param name="Sample">Of a dry run, the first ten.</param>
public sealed record DeadLetterOutcome(
    string Status,
    string? Run,
    int Done,
    int Remaining,
    int Before,
    int PerhapsTwice,
    int Gone,
    int Left,
    int Hopeless,
    IReadOnlyList<DeadLetterList.Message>? Sample);
