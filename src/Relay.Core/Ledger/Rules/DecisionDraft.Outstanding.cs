using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Rules;

// The entries that are not yet known to be forwarded, in runs: a worker that dies leaves one or two of them behind, however many entries
// it had in hand, and they stay until the last of them expires.
internal sealed partial class DecisionDraft
{
    private void SettleOutstanding(IReadOnlySet<long> forwarded)
    {
        var indices = forwarded.Order().ToArray();
        var runs = Runs();
        for (var i = _outstanding.Count - 1; i >= 0; i--)
        {
            var entry = _outstanding[i];
            var left = entry.ExpiresAt > _at ? Without(entry, indices) : [];
            if (left.Count == 1 && left[0] == entry) continue;
            // Rather one that is forwarded again, should it come again, than more runs than a head has room for.
            if (entry.Released is null && runs - 1 + left.Count > LedgerLimits.Outstanding) continue;
            if (entry.Released is null) runs += left.Count - 1;
            if (left.Count == 0 && entry.Released is { } released)
            {
                Drop(
                    new EnvelopeId(_negotiation, _streams[released.Stream].Sender, _streams[released.Stream].Lane, released.Sequence),
                    released.Blob);
            }
            _outstanding.RemoveAt(i);
            _outstanding.InsertRange(i, left);
            _changes = true;
        }
    }

    // What is left of a run, as runs.
    private static List<OutstandingEntry> Without(OutstandingEntry run, long[] forwarded)
    {
        var left = new List<OutstandingEntry>();
        var from = run.Index;
        var at = Array.BinarySearch(forwarded, run.Index);
        for (var i = at < 0 ? ~at : at; i < forwarded.Length && forwarded[i] < run.End; i++)
        {
            if (forwarded[i] > from) left.Add(run with { Index = from, Count = (int)(forwarded[i] - from) });
            from = forwarded[i] + 1;
        }

        if (from < run.End) left.Add(run with { Index = from, Count = (int)(run.End - from) });
        return left;
    }

    private bool IsBacklog() =>
        Runs() >= LedgerLimits.Outstanding || _outstanding.Sum(run => (long)run.Count) >= LedgerLimits.OutstandingEntries;

    // What was held before has the room that it had then.
    private int Runs() => _outstanding.Count(static entry => entry.Released is null);

    private void AddOutstanding(long index, DateTimeOffset expiresAt)
    {
        if (_outstanding.Count > 0 && _outstanding[^1] is { Released: null } last && last.End == index)
        {
            _outstanding[^1] = last with { Count = last.Count + 1, ExpiresAt = last.ExpiresAt > expiresAt ? last.ExpiresAt : expiresAt };
        }
        else
        {
            _outstanding.Add(new OutstandingEntry(index, expiresAt, null));
        }
    }
}
