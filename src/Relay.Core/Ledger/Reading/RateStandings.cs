using Relay.Core.Admission;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Rates;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// Foresees what the ledger would say of an envelope's rate, for whoever brings it over HTTP: told at once he need not have it wait on a
/// queue. Only the ledger decides; this looks at its head, at most a second old (<see cref="RecentHeads"/>), and at nothing where no rate
/// is set. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A moment in a head is never taken back, so what is refused by an older one would be refused by the newest too, but for what its stream
/// has gone on since: those before the envelope are taken for coming as fast as the rate lets them. Where they are a gap, the envelope
/// is told when it could be logged at the earliest; off a queue it would be held until then.
/// </remarks>
public sealed class RateStandings(RecentHeads heads, TimeProvider time)
{
    /// <returns>Null where no rate is set, and when the ledger cannot be read now: then it decides alone.</returns>
    public async ValueTask<RateStanding?> FindAsync(AdmittedEnvelope admitted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admitted);
        var (id, document) = (admitted.Envelope.Id, admitted.Document);
        var limit = document.Delegations[id.Sender].Rate;
        if (limit is null && document.Rate is null) return null;
        if (await heads.FindAsync(id.Negotiation, cancellationToken).ConfigureAwait(false) is not { } look) return null;

        var position = look.State.IndexOf(id.Sender, id.Lane);
        var stream = position < 0 ? new StreamState(id.Sender, id.Lane, 0, default, default, []) : look.State.Streams[position];
        // What the ledger has costs nothing.
        if (id.Sequence <= stream.Last || stream.FindHeld(id.Sequence) is not null) return null;
        var now = Gcra.Microseconds(time.GetUtcNow());
        var seen = Gcra.Microseconds(look.At);
        var from = 0L;
        var quotas = new List<RateQuota>(2);
        if (limit is not null) from = Math.Max(from, Add(quotas, "sender", limit, stream.Due, stream.Before(id.Sequence), seen, now));
        if (document.Rate is { } all) from = Math.Max(from, Add(quotas, "negotiation", all, look.State.Due, 0, seen, now));
        if (from <= now) return new RateStanding(quotas, null, TimeSpan.Zero);
        var until = Gcra.Moment(from);
        var wait = LedgerRulings.RateLimited(stream.Last + 1, id.Sequence, until).About(admitted.Envelope.Head);
        return new RateStanding(quotas, wait, until - time.GetUtcNow());
    }

    private static long Add(List<RateQuota> quotas, string name, RateLimit limit, long due, long ahead, long seen, long now)
    {
        var rate = Gcra.Of(limit);
        var from = rate.AdmitsFrom(due, seen, ahead);
        // Where the stream will stand once those before this one, and this one, are in.
        var then = from + rate.Tolerance + (from <= now ? rate.Interval : 0);
        quotas.Add(new RateQuota(name, limit, rate.Remaining(then, now), Gcra.Reset(then, now), from > now));
        return from;
    }
}
