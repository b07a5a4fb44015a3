using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Tells those who wait what became of their group: each once, and on the
/// ledger's scheduler, so that nobody's continuation runs inside a commit.
/// </summary>
internal sealed class GroupAnswers(string negotiation, LedgerServices services)
{
    /// <summary>The group was decided, and committed if there was something to commit. Its visits go on.</summary>
    public void Complete(CommitGroup group, Decision decision, GroupReceipts receipts)
    {
        // All before the first answer: should a proof be missing, nobody is answered yet and Stop answers everybody.
        var written = decision.Rulings.Select(ruling => ruling.Index < 0 ? null : receipts.Of(ruling.Index)).ToList();
        var acknowledged = decision.Acknowledgements.Select(ruling => ruling.Index < 0 ? null : receipts.Of(ruling.Index)).ToList();
        var prekeys = decision.Prekeys.Select(ruling => ruling.Entries.Select(receipts.Of).ToList()).ToList();
        group.IsAnswered = true;
        for (var i = 0; i < group.Envelopes.Count; i++)
        {
            var (outcome, ruling, receipt) = (group.Envelopes[i].Outcome, decision.Rulings[i], written[i]);
            if (ruling.Ruling is { Reason: ReasonCodes.PolicyConflict } conflict)
            {
                LedgerLog.PolicyConflict(services.Logger, negotiation, conflict.Description);
            }
            services.Scheduler.Post(() => Complete(outcome, () => OutcomeOf(ruling, receipt)));
        }

        for (var i = 0; i < group.Acknowledgements.Count; i++)
        {
            var (outcome, ruling, receipt) = (group.Acknowledgements[i].Outcome, decision.Acknowledgements[i], acknowledged[i]);
            services.Scheduler.Post(() => Complete(
                outcome, () => new AcknowledgementOutcome(ruling.Verdict, ruling.Detail) { Receipt = receipt?.Invoke() }));
        }

        Complete(group, decision, prekeys);
        for (var i = 0; i < group.Modes.Count; i++)
        {
            var (outcome, ruling) = (group.Modes[i].Outcome, decision.Modes[i]);
            services.Scheduler.Post(() => outcome.TrySetResult(ruling));
        }
    }

    private void Complete(CommitGroup group, Decision decision, List<List<Func<byte[]>>> receipts)
    {
        for (var i = 0; i < group.Prekeys.Count; i++)
        {
            var (outcome, ruling, written) = (group.Prekeys[i].Outcome, decision.Prekeys[i], receipts[i]);
            services.Scheduler.Post(() => Complete(
                outcome,
                () => new PrekeyOutcome(ruling.Verdict, ruling.Detail)
                {
                    Receipts = [.. written.Select(write => (ReadOnlyMemory<byte>)write())],
                    Bundles = ruling.Bundles,
                }));
        }
    }

    /// <summary>The group was given up; whoever has his answer already keeps it.</summary>
    public void Stop(CommitGroup group, Ruling ruling)
    {
        Answer(group.Visits, false);
        if (group.IsAnswered) return;
        group.IsAnswered = true;
        foreach (var (candidate, outcome) in group.Envelopes)
        {
            services.Scheduler.Post(() => outcome.TrySetResult(CommitOutcome.Stopped(ruling, candidate)));
        }

        var verdict = ruling.Verdict == Verdict.LedgerDamaged
            ? AcknowledgementVerdict.LedgerDamaged
            : AcknowledgementVerdict.LedgerUnavailable;
        foreach (var (_, outcome) in group.Acknowledgements)
        {
            services.Scheduler.Post(() => outcome.TrySetResult(new AcknowledgementOutcome(verdict, ruling.Description)));
        }

        var prekeys = ruling.Verdict == Verdict.LedgerDamaged ? PrekeyVerdict.LedgerDamaged : PrekeyVerdict.LedgerUnavailable;
        foreach (var (_, outcome) in group.Prekeys)
        {
            services.Scheduler.Post(() => outcome.TrySetResult(new PrekeyOutcome(prekeys, ruling.Description)));
        }

        var modes = ruling.Verdict == Verdict.LedgerDamaged ? ModeVerdict.LedgerDamaged : ModeVerdict.LedgerUnavailable;
        foreach (var (_, outcome) in group.Modes)
        {
            services.Scheduler.Post(() => outcome.TrySetResult(new ModeRuling(modes, -1, ruling.Description)));
        }
    }

    /// <summary>Answers marks or visits.</summary>
    public void Answer(List<TaskCompletionSource<bool>> waiting, bool answer)
    {
        foreach (var done in waiting)
        {
            services.Scheduler.Post(() => done.TrySetResult(answer));
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> outcome, Func<T> result)
    {
        try
        {
            outcome.TrySetResult(result());
        }
#pragma warning disable CA1031 // Whoever waits gets the exception; nobody else is there to see it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome.TrySetException(e);
        }
    }

    private static CommitOutcome OutcomeOf(CandidateRuling ruling, Func<byte[]>? receipt) => new()
    {
        Index = ruling.Index,
        Receipt = receipt?.Invoke(),
        Forward = ruling.Forward,
        Ruling = ruling.Ruling,
    };
}
