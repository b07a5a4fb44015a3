using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// The ledger of one negotiation in this process: groups what waits, has it committed, forwards what it released. Safe for concurrent use.
/// </summary>
/// <remarks>
/// One group at a time: while it is under way the next one gathers, so there is no timer
/// and a lone envelope waits for nobody. Other workers may commit to the same ledger;
/// whoever loses the head's swap reads the head again and decides anew.
/// </remarks>
internal sealed class NegotiationLedger
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private const int LargestExponent = 5;

    private readonly LedgerServices _services;
    private readonly string _negotiation;
    private readonly LedgerInbox _inbox;
    private readonly GroupAnswers _answers;
    private readonly ReleasePump _pump;

    // These belong to the inbox's run.
    private readonly DamageReports _damage;
    private readonly LedgerCommitter _committer;
    private bool _isUnavailable;

    public NegotiationLedger(string negotiation, LedgerServices services)
    {
        _negotiation = negotiation;
        _services = services;
        _inbox = new LedgerInbox(services, RunGroupAsync);
        _answers = new GroupAnswers(negotiation, services);
        _pump = new ReleasePump(negotiation, services, MarkForwarded);
        _damage = new DamageReports(negotiation, services.Logger);
        _committer = new LedgerCommitter(negotiation, services, _answers, _pump, _damage);
    }

    /// <summary>Nothing waits, nothing is being committed or forwarded.</summary>
    public bool IsIdle => _inbox.Run is null && !_inbox.HasMarks && _pump.Run is null;

    /// <summary>Has one envelope committed, together with whatever waits for the same ledger.</summary>
    /// <param name="candidate">The envelope.</param>
    /// <param name="gathering">What it came with; null when it came alone.</param>
    /// <param name="cancellationToken">Ends the wait, not the commit.</param>
    public async ValueTask<CommitOutcome> EnqueueAsync(
        Candidate candidate, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        if (_inbox.TryAddAsync(candidate) is not { } outcome)
        {
            return CommitOutcome.Stopped(LedgerRulings.Unavailable($"{_services.Options.MaxWaiting} envelopes wait already"), candidate);
        }

        // In this order: a gathering that ends in between has this ledger started by one of the two.
        if (gathering is null || !gathering.TryAdd(this)) Start();
        return await outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has one acknowledgement committed, together with whatever waits for the same ledger.</summary>
    /// <param name="candidate">The acknowledgement.</param>
    /// <param name="cancellationToken">Ends the wait, not the commit.</param>
    public async ValueTask<AcknowledgementOutcome> AcknowledgeAsync(
        AcknowledgementCandidate candidate, CancellationToken cancellationToken) =>
        _inbox.TryAddAsync(candidate) is { } outcome
            ? await outcome.WaitAsync(cancellationToken).ConfigureAwait(false)
            : new AcknowledgementOutcome(
                AcknowledgementVerdict.LedgerUnavailable, $"expected room for another, {_services.Options.MaxWaiting} wait already");

    /// <summary>Has a bundle or a claim committed, together with whatever waits for the same ledger.</summary>
    /// <param name="candidate">The bundle or claim.</param>
    /// <param name="cancellationToken">Ends the wait, not the commit.</param>
    public async ValueTask<PrekeyOutcome> TakeAsync(PrekeyCandidate candidate, CancellationToken cancellationToken) =>
        _inbox.TryAddAsync(candidate) is { } outcome
            ? await outcome.WaitAsync(cancellationToken).ConfigureAwait(false)
            : new PrekeyOutcome(
                PrekeyVerdict.LedgerUnavailable, $"expected room for another, {_services.Options.MaxWaiting} wait already");

    /// <summary>Has a change of mode committed, together with whatever waits for the same ledger.</summary>
    /// <param name="candidate">The change.</param>
    /// <param name="cancellationToken">Ends the wait, not the commit.</param>
    public async ValueTask<ModeRuling> SetModeAsync(ModeCandidate candidate, CancellationToken cancellationToken) =>
        _inbox.TryAddAsync(candidate) is { } outcome
            ? await outcome.WaitAsync(cancellationToken).ConfigureAwait(false)
            : new ModeRuling(ModeVerdict.LedgerUnavailable, -1, "expected room for another change of mode, too many wait already");

    /// <summary>Has what waits committed.</summary>
    public void Start() => _inbox.Start();

    /// <summary>Has it recorded that an entry is forwarded, by the next commit or, where none comes, by one after a while.</summary>
    public void MarkForwarded(long index) => AddMarks([index]);

    /// <summary>Reads the head anew and does what others have left undone; false when that is not possible now.</summary>
    public async ValueTask<bool> VisitAsync(CancellationToken cancellationToken) =>
        await _inbox.VisitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until nothing is being committed and nothing waits for it.</summary>
    public async Task FinishCommitsAsync()
    {
        _inbox.CommitMarks();
        while (_inbox.Run is { } run)
        {
            await run.ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async Task DrainAsync()
    {
        while ((_inbox.Run ?? _pump.Run) is { } run)
        {
            await run.ConfigureAwait(false);
        }
    }

    private async Task RunGroupAsync(CommitGroup group)
    {
        using var deadline = new CancellationTokenSource(_services.Options.CommitTimeout, _services.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _services.Stopping);
        var marks = group.Marks;
        try
        {
            await CommitAsync(group, linked.Token).ConfigureAwait(false);
            marks = [];
            if (group.Visits.Count > 0) await TidyAsync(group, linked.Token).ConfigureAwait(false);
            _isUnavailable = false;
        }
        catch (LedgerStoreException e)
        {
            StopUnavailable(group, e.Message);
        }
        catch (OperationCanceledException)
        {
            StopUnavailable(group, $"expected a commit within {_services.Options.CommitTimeout}, got none");
        }
        catch (LedgerDamagedException e)
        {
            _damage.Add(e.Message);
            _committer.Forget();
            _answers.Stop(group, LedgerRulings.Damaged());
        }
#pragma warning disable CA1031 // The run must go on for the groups to come; this is its only catch-all, and it logs.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LedgerLog.Unexpected(_services.Logger, _negotiation, e);
            _committer.Forget();
            _answers.Stop(group, LedgerRulings.Unavailable("the commit failed"));
        }

        // What could not be recorded now is tried again.
        AddMarks(marks);
    }

    private void AddMarks(IEnumerable<long> indices)
    {
        if (_inbox.AddMarks(indices)) _ = _services.Scheduler.StartAsync(CommitMarksAsync);
    }

    private async Task CommitMarksAsync()
    {
        await LedgerScheduler.PauseAsync(_services.Options.MarkDelay, _services.Time, _services.Stopping).ConfigureAwait(false);
        if (!_services.Stopping.IsCancellationRequested) _inbox.CommitMarks();
    }

    private async Task CommitAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        if (group.Visits.Count > 0) await _committer.RefreshAsync(cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; attempt < _services.Options.MaxAttempts; attempt++)
        {
            var hadCopy = _committer.HasCopy;
            try
            {
                var ended = await _committer.AttemptOnceAsync(group, cancellationToken).ConfigureAwait(false);
                if (PauseAfter(ended, attempt) is not { } pause) return;
                if (pause > TimeSpan.Zero) await LedgerScheduler.PauseAsync(pause, _services.Time, cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch (LedgerDamagedException) when (hadCopy && !group.IsAnswered)
            {
                // What is missing may only be superseded: the head in memory is an old one.
                _committer.Forget();
            }
        }

        throw new LedgerStoreException($"expected the head's swap to succeed in {_services.Options.MaxAttempts} attempts, it did not");
    }

    // Null when no other attempt is needed.
    private TimeSpan? PauseAfter(Attempt ended, int attempt)
    {
        return ended switch
        {
            Attempt.Done => null,
            Attempt.Again => TimeSpan.Zero,
            Attempt.Lost => Jittered(),
        };

        TimeSpan Jittered()
        {
            var pause = FirstPause * (1 << Math.Min(attempt, LargestExponent)) * _services.Random();
            return pause < LeastPause ? LeastPause : pause;
        }
    }

    // After the group is answered but for its visits.
    private async Task TidyAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        try
        {
            await _committer.TidyAsync(cancellationToken).ConfigureAwait(false);
            _answers.Answer(group.Visits, true);
        }
        catch (Exception e) when (e is LedgerStoreException or LedgerDamagedException or OperationCanceledException)
        {
            LedgerLog.Unavailable(_services.Logger, _negotiation, e.Message);
            _answers.Answer(group.Visits, false);
        }
    }

    private void StopUnavailable(CommitGroup group, string problem)
    {
        if (!_isUnavailable) LedgerLog.Unavailable(_services.Logger, _negotiation, problem);
        _isUnavailable = true;
        _committer.Forget();
        _answers.Stop(group, LedgerRulings.Unavailable(problem));
    }
}
