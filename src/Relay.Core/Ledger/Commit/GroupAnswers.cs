using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>Tells those who wait what became of their group: each once, and on the ledger's scheduler, so that nobody's continuation runs inside a commit.</summary>
internal sealed class GroupAnswers(string negotiation, LedgerServices services)
{
    /// <summary>The group was decided, and committed if there was something to commit. Its visits go on.</summary>
    public void Complete(CommitGroup group, Decision decision, GroupReceipts receipts)
    {
        // All before the first answer: should a proof be missing, nobody is answered yet and Stop answers everybody.
        var written = decision.Rulings.Select(ruling => ruling.Index < 0 ? null : receipts.Of(ruling.Index)).ToList();
        group.IsAnswered = true;
        for (var i = 0; i < group.Envelopes.Count; i++)
        {
            var (candidate, outcome) = group.Envelopes[i];
            var (ruling, receipt) = (decision.Rulings[i], written[i]);
            if (ruling.Outcome == CandidateOutcome.PolicyConflict) LedgerLog.PolicyConflict(services.Logger, negotiation, ruling.Description);
            services.Scheduler.Post(() => Complete(outcome, candidate, ruling, receipt));
        }

        foreach (var marks in group.Marks.Values)
        {
            Answer(marks, true);
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
            services.Scheduler.Post(() => outcome.TrySetResult(CommitRulings.Stopped(ruling, candidate.Payload)));
        }

        foreach (var marks in group.Marks.Values)
        {
            Answer(marks, false);
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

    private static void Complete(TaskCompletionSource<CommitOutcome> outcome, Candidate candidate, CandidateRuling ruling, Func<byte[]>? receipt)
    {
        try
        {
            outcome.TrySetResult(OutcomeOf(candidate, ruling, receipt));
        }
#pragma warning disable CA1031 // Whoever waits gets the exception; nobody else is there to see it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome.TrySetException(e);
        }
    }

    private static CommitOutcome OutcomeOf(Candidate candidate, CandidateRuling ruling, Func<byte[]>? receipt)
    {
        var told = CommitRulings.Of(ruling) is { } stop ? CommitRulings.Identify(stop, candidate.Payload) : null;
        if (receipt is null) return new CommitOutcome { Status = CommitStatus.Stopped, Ruling = told };
        var isLogged = ruling.Outcome == CandidateOutcome.Logged;
        return new CommitOutcome
        {
            Status = isLogged ? CommitStatus.Logged : CommitStatus.Duplicate,
            Index = ruling.Index,
            Receipt = receipt(),
            Forward = isLogged || ruling.ForwardAgain,
            Ruling = told,
        };
    }
}
