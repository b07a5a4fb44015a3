using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;

namespace Relay.Benchmarks.Ledger;

/// <summary>Signals that nobody is told.</summary>
internal sealed class NoSignals : ILedgerSignals
{
    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken) => ValueTask.FromResult(true);
}
