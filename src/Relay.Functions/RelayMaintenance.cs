using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Commit;
using Relay.Core.Pending;
using Relay.Core.Statistics;
using Relay.Functions.Reading;
using Relay.Functions.Silences;

namespace Relay.Functions;

/// <summary>
/// Every minute: finishes what a worker that died left undone, sees to what waits for more signatures, adds up what was counted,
/// tells risk signals, and has this worker watch for silences.
/// </summary>
public sealed class RelayMaintenance(
    LedgerMaintenance maintenance, PendingSweep pending, TallyStore tallies, SignalPublisher signals, SilencePublisher silences)
{
    [Function(nameof(RelayMaintenance))]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        await maintenance.VisitAllAsync(cancellationToken);
        await pending.RunAsync(cancellationToken);
        await tallies.FoldAsync(cancellationToken);
        await signals.RunAsync(cancellationToken);
        await silences.EnlistAsync(LastRun(timer), cancellationToken);
    }

    // Whichever worker had it; null where none had, or the host keeps no record of it.
    private static DateTimeOffset? LastRun(TimerInfo timer) =>
        timer.ScheduleStatus is { Last: var last } && last != default ? new DateTimeOffset(last.ToUniversalTime()) : null;
}
