using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Commit;
using Relay.Core.Pending;
using Relay.Core.Statistics;
using Relay.Functions.Reading;

namespace Relay.Functions;

/// <summary>
/// Every minute: finishes what a worker that died left undone, sees to what waits for more signatures, adds up what was counted,
/// tells risk signals.
/// </summary>
public sealed class RelayMaintenance(
    LedgerMaintenance maintenance, PendingSweep pending, TallyStore tallies, SignalPublisher signals)
{
    [Function(nameof(RelayMaintenance))]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await maintenance.VisitAllAsync(cancellationToken);
        await pending.RunAsync(cancellationToken);
        await tallies.FoldAsync(cancellationToken);
        await signals.RunAsync(cancellationToken);
    }
}
