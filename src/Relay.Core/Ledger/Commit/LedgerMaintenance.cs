using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Ledger.Commit;

/// <summary>Visits every ledger of the store: what a worker left undone when it died is done here, at the latest.</summary>
public sealed class LedgerMaintenance(NegotiationLedgers ledgers, ILogger<LedgerMaintenance> logger)
{
    /// <summary>One round over all ledgers, one after another.</summary>
    /// <returns>How many were visited and found in order.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; the next round begins anew.</exception>
    public async Task<int> VisitAllAsync(CancellationToken cancellationToken)
    {
        var visited = 0;
        try
        {
            await foreach (var negotiation in ledgers.ListAsync(cancellationToken).ConfigureAwait(false))
            {
                if (await ledgers.VisitAsync(negotiation, cancellationToken).ConfigureAwait(false)) visited++;
            }
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.Unavailable(logger, "(all)", e.Message);
        }

        return visited;
    }
}
