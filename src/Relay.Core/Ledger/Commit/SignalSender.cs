using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Sends signals one after another, apart from commits; what does not fit its queue is dropped. Safe for concurrent use.</summary>
internal sealed class SignalSender(ILedgerSignals signals, LedgerScheduler scheduler, ILogger logger, CancellationToken stopping)
{
    private const int MaxWaiting = 1_000;

    // Guards _waiting and _run. No await inside.
    private readonly Lock _gate = new();
    private readonly Queue<LedgerSignal> _waiting = new();
    private Task? _run;

    /// <summary>Null while there is nothing to send.</summary>
    public Task? Run
    {
        get
        {
            lock (_gate)
            {
                return _run;
            }
        }
    }

    public void Send(IEnumerable<LedgerSignal> many)
    {
        foreach (var signal in many)
        {
            LedgerLog.Signal(logger, signal.Id.Negotiation, signal.Kind, signal.Id.ToString());
            lock (_gate)
            {
                if (_waiting.Count >= MaxWaiting) continue;
                _waiting.Enqueue(signal);
                _run ??= scheduler.StartAsync(RunAsync);
            }
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            LedgerSignal? signal;
            lock (_gate)
            {
                if (stopping.IsCancellationRequested || !_waiting.TryDequeue(out signal))
                {
                    _run = null;
                    return;
                }
            }

            try
            {
                if (await signals.SendAsync(signal, stopping).ConfigureAwait(false)) continue;
                LedgerLog.SignalLost(logger, signal.Id.Negotiation, signal.Id.ToString(), "the bus does not take it now");
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                LedgerLog.SignalLost(logger, signal.Id.Negotiation, signal.Id.ToString(), "stopping");
            }
        }
    }
}
