using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>What a decision says about one candidate; closed.</summary>
public enum CandidateOutcome
{
    /// <summary>It is the entry at <see cref="CandidateRuling.Index"/>.</summary>
    Logged,

    /// <summary>It was logged before, at <see cref="CandidateRuling.Index"/>.</summary>
    Duplicate,

    /// <summary>It waits for the envelopes before it.</summary>
    Held,

    /// <summary>Another envelope was logged or is held under its id.</summary>
    Equivocation,

    /// <summary>It is next in its stream, and names another envelope as the one before it.</summary>
    BrokenChain,

    /// <summary>The checkpoint its sender has seen is none of this ledger.</summary>
    ForkSeen,

    /// <summary>It is too far ahead of its stream to be held, or too many envelopes wait for a gap; transient.</summary>
    HoldFull,

    /// <summary>Too many entries are not yet forwarded, or the ledger has no room for another stream; transient.</summary>
    Backlog,

    /// <summary>It was judged by an older negotiation document than the ledger's; transient.</summary>
    PolicyOutdated,

    /// <summary>It was judged by a document of the ledger's version with other bytes: an operator changed it without raising its version; transient.</summary>
    PolicyConflict,

    /// <summary>Its <c>exp</c> is not later than the newest decision.</summary>
    Expired,

    /// <summary>A blob that the decision needs is damaged; transient, an operator must act.</summary>
    Damaged,
}

/// <summary>What a decision says about one candidate.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Index">Ledger index when logged or a duplicate; -1 otherwise.</param>
/// <param name="ForwardAgain">A duplicate that is not known to be forwarded.</param>
/// <param name="Description">One sentence: what was expected and what came; empty when logged.</param>
public readonly record struct CandidateRuling(CandidateOutcome Outcome, long Index, bool ForwardAgain, string Description)
{
    /// <summary>Within which it is worth to come again, see <see cref="Ruling.RetryWithin"/>.</summary>
    public TimeSpan? RetryWithin { get; init; }
}
