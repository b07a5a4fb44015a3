using Microsoft.Extensions.Logging;
using static Relay.Core.Rulings.SettlementAction;

namespace Relay.Core.Rulings;

/// <summary>The one table from a verdict to its settlement, HTTP status, log level and metric tag.</summary>
/// <remarks>
/// No default arm: a new verdict does not compile until it has its row. Levels: a refusal loses a message to a peer's fault
/// (Warning); what passes or waits as designed is Debug; trouble an operator must end is Warning here, once per envelope, and
/// Error where it arises, once per outage.
/// <para>What is decided before a quorum is verified, over HTTP, is told to nobody (<see cref="VerdictRow.IsUnproved"/>): who could tell
/// an unknown negotiation from an unknown member, or either from a key that cannot be read now, would learn who negotiates.</para>
/// </remarks>
public static class VerdictTable
{
    public static VerdictRow For(Verdict verdict) => verdict switch
    {
        Verdict.Forwarded => new(Complete, 202, LogLevel.Debug, "forwarded"),
        Verdict.Malformed => new(DeadLetter, 400, LogLevel.Warning, "malformed"),
        Verdict.Oversize => new(DeadLetter, 413, LogLevel.Warning, "oversize"),
        Verdict.UnknownNegotiation => Unproved(DeadLetter, "unknown_negotiation"),
        Verdict.NotAMember => Unproved(DeadLetter, "not_a_member"),
        Verdict.RouteForbidden => Unproved(DeadLetter, "route_forbidden"),
        Verdict.DirectoryUnavailable => Unproved(Retry, "directory_unavailable"),
        Verdict.UnknownMediator => Unproved(DeadLetter, "unknown_mediator"),
        Verdict.KeyDisabled => Unproved(DeadLetter, "key_disabled"),
        Verdict.BadSignature => Unproved(DeadLetter, "bad_signature"),
        Verdict.QuorumNotMet => Unproved(DeadLetter, "quorum_not_met"),
        Verdict.Pending => new(Complete, 202, LogLevel.Debug, "pending"),
        Verdict.PendingFull => new(Retry, 503, LogLevel.Warning, "pending_full"),
        Verdict.KeyUnavailable => Unproved(Retry, "key_unavailable"),
        Verdict.NegotiationClosed => new(DeadLetter, 403, LogLevel.Warning, "negotiation_closed"),
        Verdict.ReadOnly => new(Retry, 503, LogLevel.Debug, "read_only"),
        Verdict.Expired => new(DeadLetter, 422, LogLevel.Warning, "expired"),
        Verdict.NotYetIssued => new(DeadLetter, 422, LogLevel.Warning, "not_yet_issued"),
        Verdict.Embargoed => new(Postpone, 202, LogLevel.Debug, "embargoed"),
        Verdict.Duplicate => new(Complete, 200, LogLevel.Debug, "duplicate"),
        Verdict.Held => new(Complete, 202, LogLevel.Debug, "held"),
        Verdict.Equivocation => new(DeadLetter, 409, LogLevel.Warning, "equivocation"),
        Verdict.BrokenChain => new(DeadLetter, 409, LogLevel.Warning, "broken_chain"),
        Verdict.ForkSeen => new(DeadLetter, 409, LogLevel.Warning, "fork_seen"),
        Verdict.HoldFull => new(Retry, 503, LogLevel.Debug, "hold_full"),
        Verdict.RateLimited => new(Postpone, 429, LogLevel.Debug, "rate_limited"),
        Verdict.LedgerUnavailable => new(Retry, 503, LogLevel.Warning, "ledger_unavailable"),
        Verdict.LedgerDamaged => new(Retry, 503, LogLevel.Error, "ledger_damaged"),
        Verdict.TopicRefused => new(DeadLetter, 500, LogLevel.Error, "topic_refused"),
        Verdict.TopicUnavailable => new(Retry, 503, LogLevel.Warning, "topic_unavailable"),
        Verdict.Unfinished => new(Retry, 503, LogLevel.Warning, "unfinished"),
        Verdict.QueueUnavailable => new(Abandon, 503, LogLevel.Error, "queue_unavailable"),
    };

    // One status, so that it says nothing either.
    private static VerdictRow Unproved(SettlementAction settlement, string tag) =>
        new(settlement, 422, LogLevel.Warning, tag) { IsUnproved = true };
}
