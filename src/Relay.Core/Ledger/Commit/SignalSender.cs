using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Sends signals one after another, apart from commits; what does not fit its queue is dropped. Safe for concurrent use.</summary>
internal sealed class SignalSender
{
    private const int MaxWaiting = 1_000;

    private readonly ILedgerSignals _signals;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly SerialWork<LedgerSignal> _sending;

    // Guards _waiting. No await inside.
    private readonly Lock _gate = new();
    private readonly Queue<LedgerSignal> _waiting = new();

    public SignalSender(ILedgerSignals signals, LedgerScheduler scheduler, ILogger logger, CancellationToken stopping)
    {
        _signals = signals;
        _logger = logger;
        _stopping = stopping;
        _sending = new SerialWork<LedgerSignal>(_gate, scheduler, Take, SendAsync);
    }

    /// <summary>Null while there is nothing to send.</summary>
    public Task? Run => _sending.Run;

    public void Send(IEnumerable<LedgerSignal> many)
    {
        foreach (var signal in many)
        {
            LedgerLog.Signal(_logger, signal.Negotiation, signal.Kind, signal.About);
            lock (_gate)
            {
                if (_waiting.Count >= MaxWaiting) continue;
                _waiting.Enqueue(signal);
                _sending.Start();
            }
        }
    }

    // Called under the gate.
    private LedgerSignal? Take() => !_stopping.IsCancellationRequested && _waiting.TryDequeue(out var signal) ? signal : null;

    private async Task SendAsync(LedgerSignal signal)
    {
        try
        {
            if (await _signals.SendAsync(signal, _stopping).ConfigureAwait(false)) return;
            LedgerLog.SignalLost(_logger, signal.Negotiation, signal.About, "the bus does not take it now");
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            LedgerLog.SignalLost(_logger, signal.Negotiation, signal.About, "stopping");
        }
#pragma warning disable CA1031 // The run must go on for the signals to come.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LedgerLog.Unexpected(_logger, signal.Negotiation, e);
        }
    }
}
