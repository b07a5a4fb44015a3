using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// The gates of several domains, entered in the order the domains were made, so that two who need the same ones never wait for each other.
/// What is recorded while they are held is one append: all of it is there
/// after a crash, or nothing. Nobody enters a second gate in another way.
/// </summary>
internal sealed class DomainGates : IDisposable
{
    private readonly EntityDomain[] _domains;

    /// <param name="domains">At least one; each may come more than once.</param>
    public DomainGates(IEnumerable<EntityDomain> domains)
    {
        _domains = [.. domains.Distinct().OrderBy(domain => domain.Order)];
        foreach (var domain in _domains)
        {
            domain.Gate.Enter();
        }
    }

    /// <summary>Hands to the journal what was recorded in any of the domains.</summary>
    public EntityOutcome Commit()
    {
        var records = new List<JournalRecord>();
        foreach (var domain in _domains)
        {
            domain.TakeRecords(records);
        }

        return EntityDomain.Append(_domains[0].Journal, records);
    }

    public void Dispose()
    {
        foreach (var domain in _domains)
        {
            domain.Gate.Exit();
        }
    }
}
