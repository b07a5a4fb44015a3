using Relay.Core.Ledger.Store;

namespace Relay.Core.Health;

/// <summary>Asks the ledger store for a blob that is not there.</summary>
/// <param name="store">Made when first asked: a store that cannot be made is down, and no reason for a process not to start.</param>
internal sealed class LedgerProbe(Func<ILedgerStore> store) : IDependencyProbe
{
    // A name like those of ledgers, of a negotiation whose name breaks the rule of names.
    private const string Nothing = ".probe/nothing";

    public Dependency Dependency => Dependency.Ledger;

    public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store().GetAsync(Nothing, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (LedgerStoreException)
        {
            return false;
        }
    }
}
