namespace Relay.DeadLetters;

/// <summary>Removes dead letters for good; the log says which, and why, before they go.</summary>
internal sealed class Drop(IDeadLetterBus bus, OperatorRun run, IProgress<RedriveProgress> progress)
{
    private const int MostOfABatch = 250;

    /// <param name="letters">Which.</param>
    /// <param name="filter">As given, for the log.</param>
    /// <param name="because">Why.</param>
    /// <param name="cancellationToken">Stops after what is under way.</param>
    public async Task<RedriveResult> RunAsync(
        IReadOnlyList<DeadLetter> letters, DeadLetterFilter filter, string because, CancellationToken cancellationToken)
    {
        await run.BeginAsync(OperatorAct.DropBegin, filter, letters.Count, because, cancellationToken);
        await using var remover = new DeadLetterRemover(bus);
        var done = 0;
        var isInterrupted = false;
        try
        {
            foreach (var batch in letters.Chunk(MostOfABatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await run.BatchAsync(OperatorAct.DropBatch, batch, CancellationToken.None);
                remover.Choose(batch);
                done += batch.Length;
                await remover.RemoveSomeAsync(cancellationToken);
                progress.Report(new RedriveProgress(done, letters.Count, remover.Removed));
            }
            await remover.RemoveAllAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isInterrupted = true;
        }

        await run.EndAsync(OperatorAct.DropEnd, remover.Removed, CancellationToken.None);
        return new RedriveResult { Done = done, Left = remover.Waiting, IsInterrupted = isInterrupted };
    }
}
