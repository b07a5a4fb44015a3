using System.Collections.Immutable;
using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Rules;

/// <summary>
/// What becomes of candidates: a pure function of the ledger's state, the facts, and the time. It reads nothing and writes nothing.
/// </summary>
/// <remarks>
/// <para>Changes of mode come first, each in force from its entry on; the one in force is Unchanged.</para>
/// <para>Candidates are taken stream by stream, in the order in which streams first
/// occur, and within a stream by sequence; of equal ones the first given is first. With
/// <c>last</c> the stream's highest logged sequence, the first row that fits decides:</para>
/// <list type="table">
/// <item><term>at most last, digest of the logged one</term><description>Duplicate</description></item>
/// <item><term>at most last, another digest</term><description>Equivocation, evidence</description></item>
/// <item><term>held, another digest</term><description>Equivocation, evidence</description></item>
/// <item><term>held, same digest, above last + 1</term><description>Held</description></item>
/// <item><term>the operator's mode is read-only, or closed</term><description>ReadOnly, or NegotiationClosed</description></item>
/// <item><term>more than the rate of its sender's lane, or of the negotiation, admits now</term><description>RateLimited, with the
/// moment at which it is admitted once those before it in its stream have come at theirs</description></item>
/// <item><term>seen is no checkpoint of this ledger</term><description>ForkSeen, evidence</description></item>
/// <item><term>exp not after the decision's time</term><description>Expired</description></item>
/// <item><term>nbf after the decision's time</term><description>Embargoed</description></item>
/// <item><term>iat more than 2 min after the decision's time</term><description>LedgerUnavailable</description></item>
/// <item><term>last + 1, previous is the digest of last</term><description>Logged;
/// held successors are released with it</description></item>
/// <item><term>last + 1, previous is another</term><description>BrokenChain, evidence</description></item>
/// <item><term>above last + 1</term><description>Held within the candidate's reach, or HoldFull</description></item>
/// </list>
/// <para>Acknowledgements come after the envelopes, in the order given; here too the first row that fits decides:</para>
/// <list type="table">
/// <item><term>above last, or another digest than the logged one</term><description>UnknownEnvelope</description></item>
/// <item><term>not by an addressee</term><description>NotAddressed</description></item>
/// <item><term>the same delegation has acknowledged it in this state</term><description>Repeated</description></item>
/// <item><term>the same delegation has acknowledged it in the other state</term><description>OtherState</description></item>
/// <item><term>any other</term><description>Logged</description></item>
/// </list>
/// <para>Bundles and claims of prekeys come last, in the order given; the first row that fits decides. Of a bundle:</para>
/// <list type="table">
/// <item><term>the one in force</term><description>PublishedBefore</description></item>
/// <item><term>number at most that of the one in force</term><description>OlderNumber</description></item>
/// <item><term>one-time keys with ids that were used</term><description>KeysComeBack</description></item>
/// <item><term>over</term><description>TooOld</description></item>
/// <item><term>any other</term><description>Published; what was left of the one before is handed out no more</description></item>
/// </list>
/// <para>Of a claim:</para>
/// <list type="table">
/// <item><term>all its envelopes have one-time keys</term><description>ClaimedBefore, the same keys</description></item>
/// <item><term>signed more than a day ago</term><description>TooOld</description></item>
/// <item><term>no bundle, or one that is over</term><description>NoBundle</description></item>
/// <item><term>more than the claimer's share of one-time keys</term><description>OverShare</description></item>
/// <item><term>any other</term><description>Claimed: each envelope without a key is given the next, or the session key once none is
/// left</description></item>
/// </list>
/// <para>A released successor that does not fit is evidence too and is held no longer.
/// Whatever would change the ledger must have been judged by the newest negotiation
/// document; the first that was judged by a newer one puts it into the ledger first.
/// The time of a decision is never earlier than that of the one before it.</para>
/// </remarks>
public static class DecisionRules
{
    /// <summary>Decides.</summary>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="state">The ledger; <see cref="LedgerState.Empty"/> before its first commit.</param>
    /// <param name="candidates">Envelopes of this negotiation, in the order they came.</param>
    /// <param name="acknowledgements">Acknowledgements of its envelopes, in the order they came.</param>
    /// <param name="facts">Of the blobs behind that state.</param>
    /// <param name="forwarded">Indices known to be forwarded by now; those that are not outstanding are ignored.</param>
    /// <param name="now">The clock.</param>
    /// <param name="isFresh">The state was just read, not kept in memory.</param>
    /// <param name="prekeys">Bundles and claims of prekeys, in the order they came.</param>
    /// <param name="modes">Changes of mode by operators, in the order they came.</param>
    public static Decision Decide(
        string negotiation,
        LedgerState state,
        IReadOnlyList<Candidate> candidates,
        IReadOnlyList<AcknowledgementCandidate> acknowledgements,
        LedgerFacts facts,
        IReadOnlySet<long> forwarded,
        DateTimeOffset now,
        bool isFresh,
        IReadOnlyList<PrekeyCandidate>? prekeys = null,
        IReadOnlyList<ModeCandidate>? modes = null)
    {
        ArgumentNullException.ThrowIfNull(negotiation);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(acknowledgements);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(forwarded);
        var draft = new DecisionDraft(negotiation, state, facts, now, isFresh);
        draft.Settle(forwarded);
        ImmutableArray<ModeRuling> changed = [.. (modes ?? []).Select(draft.Judge)];
        var rulings = new CandidateRuling[candidates.Count];
        foreach (var position in InOrder(candidates))
        {
            rulings[position] = draft.Judge(candidates[position]);
        }

        draft.ReleaseAll();
        return draft.ToDecision(
            [.. rulings], [.. acknowledgements.Select(draft.Judge)], [.. (prekeys ?? []).Select(draft.Judge)], changed);
    }

    private static IEnumerable<int> InOrder(IReadOnlyList<Candidate> candidates)
    {
        var streams = new Dictionary<(string, Protocol.Envelopes.Lane), int>();
        for (var i = 0; i < candidates.Count; i++)
        {
            streams.TryAdd((candidates[i].Id.Sender, candidates[i].Id.Lane), i);
        }

        // OrderBy is stable: of two with one id the first given is first.
        return Enumerable.Range(0, candidates.Count)
            .OrderBy(i => streams[(candidates[i].Id.Sender, candidates[i].Id.Lane)])
            .ThenBy(i => candidates[i].Id.Sequence);
    }
}
