namespace Relay.Core.Ledger.Commit;

/// <summary>
/// The ledgers that a process keeps at hand, those used last: each is made when first asked for, and gives way when there are too many and
/// it is idle. Not for concurrent use.
/// </summary>
/// <remarks>
/// What a look costs does not grow with their number: where all are busy, as they are for a while after each commit, a look at every one
/// of them for each new one would have cost more than its commit.
/// </remarks>
/// <param name="most">Most that are kept; more only while they are busy.</param>
/// <param name="create">Makes the ledger of a negotiation.</param>
internal sealed class LedgersAtHand(int most, Func<string, NegotiationLedger> create)
{
    // More than one, so that what was too many while busy becomes fewer again.
    private const int LooksEach = 8;

    private readonly Dictionary<string, LinkedListNode<(string Negotiation, NegotiationLedger Ledger)>> _places =
        new(StringComparer.Ordinal);

    // The one used last at the end.
    private readonly LinkedList<(string Negotiation, NegotiationLedger Ledger)> _byUse = new();

    /// <summary>All of them.</summary>
    public List<NegotiationLedger> ToList() => [.. _byUse.Select(static item => item.Ledger)];

    /// <summary>The ledger of a negotiation.</summary>
    public NegotiationLedger Find(string negotiation)
    {
        if (_places.TryGetValue(negotiation, out var place))
        {
            MoveToEnd(place);
            return place.Value.Ledger;
        }

        DropIdle();
        var ledger = create(negotiation);
        _places.Add(negotiation, _byUse.AddLast((negotiation, ledger)));
        return ledger;
    }

    // An idle ledger holds nothing that the store has not. A caller that holds one on its way out still can use it: two in one process are
    // two workers.
    private void DropIdle()
    {
        for (var looks = 0; looks < LooksEach && _places.Count >= most && _byUse.First is { } oldest; looks++)
        {
            if (oldest.Value.Ledger.IsIdle)
            {
                _byUse.Remove(oldest);
                _places.Remove(oldest.Value.Negotiation);
            }
            else
            {
                MoveToEnd(oldest);
            }
        }
    }

    private void MoveToEnd(LinkedListNode<(string Negotiation, NegotiationLedger Ledger)> place)
    {
        if (place == _byUse.Last) return;
        _byUse.Remove(place);
        _byUse.AddLast(place);
    }
}
