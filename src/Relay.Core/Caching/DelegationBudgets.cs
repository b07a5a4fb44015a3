using System.Collections.Concurrent;

namespace Relay.Core.Caching;

/// <summary>
/// How many of something each delegation may bring in a second: acknowledgements, prekeys. Only what a delegation has signed is counted,
/// so nobody spends
/// another's. Safe for concurrent use.
/// </summary>
internal sealed class DelegationBudgets(int perSecond, TimeProvider time)
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
