using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Commit;
using Relay.Core.Pending;

namespace Relay.Functions;

/// <summary>Every minute: finishes what a worker that died left undone, and sees to what waits for more signatures.</summary>
public sealed class RelayMaintenance(LedgerMaintenance maintenance, PendingSweep pending)
{
    [Function(nameof(RelayMaintenance))]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await maintenance.VisitAllAsync(cancellationToken);
        await pending.RunAsync(cancellationToken);
    }
}
