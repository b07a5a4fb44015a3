using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Commit;

/// <summary>Rulings of the commit.</summary>
internal static class CommitRulings
{
    /// <summary>The ruling on a candidate that is no new entry; null when it is one.</summary>
    public static Ruling? Of(CandidateRuling ruling) => ruling.Outcome switch
    {
        CandidateOutcome.Logged => null,
        CandidateOutcome.Duplicate => new(Verdict.Duplicate, ReasonCodes.Duplicate, ruling.Description),
        CandidateOutcome.Held => new(Verdict.Held, ReasonCodes.Held, ruling.Description),
        CandidateOutcome.Equivocation => new(Verdict.Equivocation, ReasonCodes.Equivocation, ruling.Description),
        CandidateOutcome.BrokenChain => new(Verdict.BrokenChain, ReasonCodes.BrokenChain, ruling.Description),
        CandidateOutcome.ForkSeen => new(Verdict.ForkSeen, ReasonCodes.ForkSeen, ruling.Description),
        CandidateOutcome.HoldFull => new(Verdict.HoldFull, ReasonCodes.HoldFull, ruling.Description) { RetryWithin = ruling.RetryWithin },
        CandidateOutcome.Backlog => new(Verdict.LedgerUnavailable, ReasonCodes.LedgerBacklog, ruling.Description),
        CandidateOutcome.PolicyOutdated => new(Verdict.LedgerUnavailable, ReasonCodes.PolicyOutdated, ruling.Description),
        CandidateOutcome.PolicyConflict => new(Verdict.LedgerUnavailable, ReasonCodes.PolicyConflict, ruling.Description),
        CandidateOutcome.Expired => new(Verdict.Expired, ReasonCodes.Expired, ruling.Description),
        // What exactly is damaged goes to the operator's log; who sent the envelope need not learn the names of blobs.
        CandidateOutcome.Damaged => Damaged(),
    };

    public static Ruling Damaged() => new(Verdict.LedgerDamaged, ReasonCodes.LedgerDamaged, "expected a ledger that can be verified, got one that is damaged; the operator's log says where");

    public static Ruling Unavailable(string detail) => new(Verdict.LedgerUnavailable, ReasonCodes.LedgerUnavailable, $"expected to commit to the ledger, it cannot be done now: {detail}");

    public static CommitOutcome Stopped(Ruling ruling, EnvelopePayload payload) =>
        new() { Status = CommitStatus.Stopped, Ruling = Identify(ruling, payload) };

    public static Ruling Identify(Ruling ruling, EnvelopePayload payload) => ruling with { Id = payload.Id, ExpiresAt = payload.ExpiresAt };
}
