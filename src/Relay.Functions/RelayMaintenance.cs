using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Commit;

namespace Relay.Functions;

/// <summary>Every minute: finishes in the ledgers what a worker that died left undone.</summary>
public sealed class RelayMaintenance(LedgerMaintenance maintenance)
{
    [Function(nameof(RelayMaintenance))]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await maintenance.VisitAllAsync(cancellationToken);
    }
}
