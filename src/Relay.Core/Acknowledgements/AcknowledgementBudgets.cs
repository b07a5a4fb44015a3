using System.Collections.Concurrent;
using Relay.Core.Caching;

namespace Relay.Core.Acknowledgements;

/// <summary>
/// How many acknowledgements each delegation may bring in a second. Only what a delegation has signed is counted, so nobody spends
/// another's. Safe for concurrent use.
/// </summary>
internal sealed class AcknowledgementBudgets(int perSecond, TimeProvider time)
{
    // Delegations that have signed something since the last time there were too many: a budget forgotten is a second's more at most.
    private const int MaxKept = 10_000;

    private readonly ConcurrentDictionary<(string, string), SecondBudget> _budgets = [];

    public int PerSecond => perSecond;

    /// <summary>Takes one; false when this second's are taken.</summary>
    public bool TryTake(string negotiation, string delegation)
    {
        if (_budgets.Count >= MaxKept) _budgets.Clear();
        return _budgets.GetOrAdd((negotiation, delegation), _ => new SecondBudget(perSecond, time)).TryTake();
    }
}
