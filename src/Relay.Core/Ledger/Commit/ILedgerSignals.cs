using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Port: where what happens in ledgers is told, metadata only. Best effort: the ledger's entries are the record.</summary>
public interface ILedgerSignals
{
    /// <summary>Tells one signal; returns when it is told or cannot be.</summary>
    /// <returns>False when it could not be told now.</returns>
    ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken);
}
