using System.Collections.Concurrent;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Remembers signals.</summary>
internal sealed class RecordingSignals : ILedgerSignals
{
    public ConcurrentQueue<LedgerSignal> Sent { get; } = new();

    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken)
    {
        Sent.Enqueue(signal);
        return new(true);
    }
}
