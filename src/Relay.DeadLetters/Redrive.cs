namespace Relay.DeadLetters;

/// <summary>Puts dead letters back on their queues or topic in the order of a plan, and takes them away once they are there.</summary>
/// <remarks>
/// For each batch: the log says what is put back, the bus has it durably, then it is taken away. Whatever ends this, at any moment, the
/// next run knows by the log what is back already; only the batch under way when a process died may be put back twice, which the
/// log says, and which the ledger's duplicate check makes harmless, or on a topic the recipient's.
/// </remarks>
/// <param name="bus">Queues and topics.</param>
/// <param name="run">This run in the log.</param>
/// <param name="rate">At most so many a second; 0 for as fast as it goes.</param>
/// <param name="time">Clock of the rate.</param>
/// <param name="progress">Is told after each batch.</param>
internal sealed class Redrive(IDeadLetterBus bus, OperatorRun run, int rate, TimeProvider time, IProgress<RedriveProgress> progress)
{
    /// <summary>
    /// How many a second, unless told: a hundred thousand in 17 minutes. The faster they go the longer others wait meanwhile; the
    /// benchmarks' README has what was measured.
    /// </summary>
    public const int UsualRate = 100;

    private const int MostOfABatch = 64;

    // With what each message has beside its body, under the 256 KiB that a batch may have; one message alone may be larger.
    private const int MostBytes = 160 * 1024;

    // What is sent in one go is in front of whatever others send meanwhile: with a rate, what is due in so many parts of a second.
    private const int SlicesASecond = 20;

    // What is taken away in one go keeps the bus from others as well.
    private const int TakingsASecond = 8;
    private const int LeastOfATaking = 10;

    // What has been begun ends, whoever asks to stop; the process gives it ten seconds.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private readonly int _taking =
        rate == 0 ? DeadLetterRemover.Most : Math.Clamp(rate / TakingsASecond, LeastOfATaking, DeadLetterRemover.Most);

    private readonly int _slice = rate == 0 ? MostOfABatch : Math.Max(1, rate / SlicesASecond);

    /// <param name="plan">What to do.</param>
    /// <param name="filter">As given, for the log.</param>
    /// <param name="cancellationToken">Stops after the batch that is under way.</param>
    public async Task<RedriveResult> RunAsync(RedrivePlan plan, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        await run.BeginAsync(OperatorAct.RedriveBegin, filter, plan.Ordered.Count, null, cancellationToken);
        await using var remover = new DeadLetterRemover(bus, _taking);
        remover.Choose(plan.Sent);
        var bodies = new BodyWindow(bus, plan.Ordered);
        var (done, gone, twice) = (0, 0, 0);
        var startedAt = time.GetTimestamp();
        try
        {
            foreach (var letters in Batches(plan.Ordered))
            {
                await PaceAsync(startedAt, done, cancellationToken);
                var batch = await ReadAsync(bodies, letters, cancellationToken);
                gone += letters.Count - batch.Count;
                if (batch.Count == 0) continue;
                await SendAsync(batch, startedAt, done);
                done += batch.Count;
                twice += batch.Count(message => plan.PerhapsTwice.Contains(message.Letter.Key));
                remover.Choose(batch.Select(message => message.Letter));
                await remover.RemoveSomeAsync(cancellationToken);
                progress.Report(new RedriveProgress(done, plan.Ordered.Count, remover.Removed));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told by the result.
        }

        using var grace = cancellationToken.IsCancellationRequested ? new CancellationTokenSource(Grace, time) : null;
        var isStopped = await TryFinishAsync(remover, done, grace?.Token ?? cancellationToken);
        return new RedriveResult
        {
            Done = done,
            Before = plan.Sent.Count,
            PerhapsTwice = twice,
            Gone = gone,
            Left = remover.Waiting,
            IsInterrupted = isStopped || cancellationToken.IsCancellationRequested,
        };
    }

    private async Task<bool> TryFinishAsync(DeadLetterRemover remover, int done, CancellationToken cancellationToken)
    {
        // First, so that nothing of this run is doubtful whatever becomes of the rest.
        await run.EndAsync(OperatorAct.RedriveEnd, done, CancellationToken.None);
        try
        {
            await remover.RemoveAllAsync(cancellationToken);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private static async Task<List<DeadLetterMessage>> ReadAsync(
        BodyWindow bodies, IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        var batch = new List<DeadLetterMessage>(letters.Count);
        foreach (var letter in letters)
        {
            if (await bodies.ReadAsync(letter, cancellationToken) is { } message) batch.Add(message);
        }
        return batch;
    }

    // Not cancelled: whoever presses Ctrl-C would leave a batch of which nobody knows. It lasts a second at most.
    private async Task SendAsync(List<DeadLetterMessage> batch, long startedAt, int done)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1), time);
        await run.BatchAsync(OperatorAct.RedriveBatch, [.. batch.Select(message => message.Letter)], deadline.Token);
        foreach (var slice in batch.Chunk(_slice))
        {
            await PaceAsync(startedAt, done, deadline.Token);
            await bus.SendAsync(slice[0].Letter.Key.Source, [.. slice.Select(CopyOf)], deadline.Token);
            done += slice.Length;
        }
    }

    private RedriveCopy CopyOf(DeadLetterMessage message) =>
        new(message.Body, new RedriveMarker(run.Name, message.Letter.Key), message.Letter.ExpiresAt, message.Label);

    private async Task PaceAsync(long startedAt, int done, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (rate == 0) return;
        var wait = TimeSpan.FromSeconds((double)done / rate) - time.GetElapsedTime(startedAt);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
    }

    private IEnumerable<IReadOnlyList<DeadLetter>> Batches(IReadOnlyList<DeadLetter> ordered)
    {
        var most = rate is > 0 and < MostOfABatch ? rate : MostOfABatch;
        var batch = new List<DeadLetter>();
        var bytes = 0;
        foreach (var letter in ordered)
        {
            var isFull = batch.Count == most || bytes + letter.Size + letter.LabelSize > MostBytes;
            if (batch is [var first, ..] && (isFull || first.Key.Source != letter.Key.Source))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
            batch.Add(letter);
            bytes += letter.Size + letter.LabelSize;
        }
        if (batch.Count > 0) yield return batch;
    }
}
