using Relay.Core.Ledger.State;
using Relay.Core.Rates;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>
/// What rates let through, by the decision's own time: the same state and candidates are ruled the same whenever they are.
/// </summary>
internal sealed partial class DecisionDraft
{
    private long _due;

    // So many of this decision wait for the negotiation's rate already: each gets a moment of its own.
    private long _behindNegotiation;

    private long Now => Gcra.Microseconds(_at);

    // Null for what may be logged or held now.
    private Ruling? CheckRate(Candidate candidate, StreamState stream)
    {
        var from = Math.Max(StreamAdmitsFrom(candidate, stream), candidate.NegotiationRate?.AdmitsFrom(_due, Now, 0) ?? 0);
        if (from <= Now) return null;
        if (candidate.NegotiationRate is { } all) from = Math.Max(from, all.AdmitsFrom(_due, Now, _behindNegotiation++));
        return LedgerRulings.RateLimited(stream.Last + 1, candidate.Id.Sequence, Gcra.Moment(from));
    }

    // Those before it in its stream go first, each at its own moment; those that are held are counted already. Where the rate lets one
    // through now, it is held though others are missing: they may never come, and their moments would be ahead of it for ever.
    private long StreamAdmitsFrom(Candidate candidate, StreamState stream)
    {
        if (candidate.Rate is not { } rate) return 0;
        var first = rate.AdmitsFrom(stream.Due, Now, 0);
        return first <= Now ? first : rate.AdmitsFrom(stream.Due, Now, stream.Before(candidate.Id.Sequence));
    }

    // Once for each envelope: when it is logged, or before that when it is held.
    private void Count(Candidate candidate, int position)
    {
        if (candidate.Rate is { } rate) _streams[position] = _streams[position] with { Due = rate.After(_streams[position].Due, Now) };
        if (candidate.NegotiationRate is { } all) _due = all.After(_due, Now);
    }

    // What is not after the head's time says nothing, and has one spelling.
    private StreamState WithoutPast(StreamState stream) => stream.Due > 0 && stream.Due <= Now ? stream with { Due = 0 } : stream;
}
