using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Notices when a stream begins to be held back by its rate and when it no longer is, by what this process decides: one signal each,
/// however many envelopes wait. Not for concurrent use.
/// </summary>
internal sealed class ThrottleNotices
{
    // Streams held back, with the latest moment that one of theirs was told to come.
    private readonly Dictionary<StreamId, DateTimeOffset> _heldBack = [];

    /// <param name="candidates">What was decided on.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="at">Now.</param>
    public IReadOnlyList<LedgerSignal> Of(IReadOnlyList<Candidate> candidates, Decision decision, DateTimeOffset at)
    {
        var limited = Enumerable.Range(0, candidates.Count)
            .Where(i => decision.Rulings[i].Ruling is { Verdict: Verdict.RateLimited, Until: not null })
            .ToList();
        if (limited.Count == 0 && _heldBack.Count == 0) return [];
        var signals = new List<LedgerSignal>();
        foreach (var stream in limited.GroupBy(i => candidates[i].Id.Stream))
        {
            var last = stream.Max(i => decision.Rulings[i].Ruling!.Until!.Value);
            if (_heldBack.TryGetValue(stream.Key, out var known))
            {
                _heldBack[stream.Key] = last > known ? last : known;
                continue;
            }

            var first = stream.MinBy(i => candidates[i].Id.Sequence);
            _heldBack[stream.Key] = last;
            signals.Add(
                new LedgerSignal(LedgerSignalKind.Throttled, candidates[first].Id, null, at)
                {
                    Until = decision.Rulings[first].Ruling!.Until,
                });
        }

        signals.AddRange(Ended(candidates, decision, at));
        return signals;
    }

    // Told with the envelope that shows it. A stream of which nothing comes any more is forgotten without a word.
    private List<LedgerSignal> Ended(IReadOnlyList<Candidate> candidates, Decision decision, DateTimeOffset at)
    {
        var ended = new List<LedgerSignal>();
        for (var i = 0; i < candidates.Count; i++)
        {
            var id = candidates[i].Id;
            if (decision.Rulings[i].Ruling is not null || !_heldBack.TryGetValue(id.Stream, out var until) || at < until) continue;
            _heldBack.Remove(id.Stream);
            ended.Add(new LedgerSignal(LedgerSignalKind.ThrottleEnded, id, null, at));
        }

        return ended;
    }
}
