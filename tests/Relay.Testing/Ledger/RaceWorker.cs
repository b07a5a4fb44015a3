using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Admission;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;

namespace Relay.Testing.Ledger;

/// <summary>A worker of a race: ledgers, checkpoint key and caches of its own over the shared store.</summary>
internal sealed class RaceWorker : IReleaseForwarding, ILedgerSignals, IAsyncDisposable
{
    private readonly CheckpointKeys _keys;
    private readonly CheckpointKeyRing _ring;
    private readonly NegotiationLedgers _ledgers;

    public RaceWorker(ILedgerStore store, LocalCertifier certifier, string relayName, string negotiation)
    {
        Store = new RaceStore(store, $"{negotiation}/head");
        var time = new ImpatientTime();
        _keys = new CheckpointKeys(certifier, relayName, TimeSpan.FromSeconds(30), time, NullLogger<CheckpointKeys>.Instance);
        _ring = new CheckpointKeyRing(certifier);
        var options = Options.Create(new LedgerOptions { RelayName = relayName, MaxAttempts = 100 });
        _ledgers = new NegotiationLedgers(
            Store, _keys, _ring, this, this, options, time, TaskScheduler.Default, () => 0, NullLogger<NegotiationLedgers>.Instance);
    }

    public RaceStore Store { get; }

    /// <summary>The newest index that this worker logged and has not marked as forwarded.</summary>
    public long Unmarked { get; set; } = -1;

    public async Task<CommitOutcome> CommitAsync(AdmittedEnvelope envelope, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = await _ledgers.CommitAsync(envelope, cancellationToken).ConfigureAwait(false);
            if (outcome.Ruling?.Verdict != Verdict.LedgerUnavailable) return outcome;
        }
    }

    public void Mark(string negotiation)
    {
        if (Unmarked < 0) return;
        _ledgers.MarkForwarded(negotiation, Unmarked);
        Unmarked = -1;
    }

    public ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken) => new((string?)null);

    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken) => new(true);

    public async ValueTask DisposeAsync()
    {
        await _ledgers.DisposeAsync().ConfigureAwait(false);
        await _keys.DisposeAsync().ConfigureAwait(false);
        _ring.Dispose();
    }

    // The system's clock, but the pause after a lost swap is over at once: a race is about what happens, not about how long it is put off.
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(
                callback, state, dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(1) ? TimeSpan.Zero : dueTime, period);
    }
}
