using Relay.Core.Admission;
using Relay.Core.Directory;
using Relay.Core.Pending;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core;

/// <summary>
/// What the relay would rule on an envelope, by what whoever holds the negotiation's document can know: the same rules, in the same order
/// and with the same codes. For those whom the relay tells nothing.
/// </summary>
public static class ForeseenRuling
{
    /// <summary>Finds it.</summary>
    /// <param name="head">The head.</param>
    /// <param name="document">The negotiation's document in force.</param>
    /// <param name="quorum">What became of its signatures under that document.</param>
    /// <param name="now">The time.</param>
    /// <returns>
    /// Null for what would be admitted; <see cref="Verdict.Pending"/> for what is kept until other copies bring the rest of a quorum.
    /// </returns>
    public static Ruling? Find(EnvelopeHead head, NegotiationDocument document, QuorumResult quorum, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(quorum);
        var ruling = MembershipRules.Check(head, document)
            ?? CheckQuorum(quorum, head, document, now)
            ?? AdmissionRules.Check(head, document, now);
        return ruling?.About(head);
    }

    private static Ruling? CheckQuorum(QuorumResult quorum, EnvelopeHead head, NegotiationDocument document, DateTimeOffset now)
    {
        if (QuorumRules.Check(quorum) is not { } unproved) return null;
        var goesOn = AdmissionRules.Check(head, document, now) is null or { Verdict: Verdict.Embargoed };
        return goesOn && PendingRulings.MayWait(unproved, quorum)
            ? unproved with { Verdict = Verdict.Pending, Reason = ReasonCodes.Pending }
            : unproved;
    }
}
