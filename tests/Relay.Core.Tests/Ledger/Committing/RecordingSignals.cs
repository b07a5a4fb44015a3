using System.Collections.Concurrent;
using Relay.Core.Ledger.Deciding;
using Relay.Core.Ledger.Signalling;

namespace Relay.Core.Tests.Ledger.Committing;

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
