using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Admission;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Step 5: the ledgers of a process, one for each negotiation. Safe for concurrent use, and beside other processes on the same store.
/// </summary>
public sealed class NegotiationLedgers : IAsyncDisposable
{
    private readonly LedgerServices _services;
    private readonly SignalSender _signals;
    private readonly CancellationTokenSource _stopping = new();

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly LedgersAtHand _ledgers;
    private bool _disposed;

    /// <param name="store">Where ledgers are kept.</param>
    /// <param name="keys">Keys that sign.</param>
    /// <param name="ring">Keys that verify.</param>
    /// <param name="releases">Forwards what waited for a gap.</param>
    /// <param name="signals">Is told what happens.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">Clock of entries, waits and deadlines.</param>
    /// <param name="scheduler">Where everything runs that no caller waits for, and where callers' continuations go on.</param>
    /// <param name="random">Uniform in [0, 1), for jitter.</param>
    /// <param name="logger">Log.</param>
    /// <param name="clock">What time the services have; null where there are none to ask.</param>
    /// <param name="moved">Told where a negotiation's streams stand once other workers have committed; called within commits, so it must
    /// neither block nor throw.</param>
    public NegotiationLedgers(
        ILedgerStore store,
        CheckpointKeys keys,
        CheckpointKeyRing ring,
        IReleaseForwarding releases,
        ILedgerSignals signals,
        IOptions<LedgerOptions> options,
        TimeProvider time,
        TaskScheduler scheduler,
        Func<double> random,
        ILogger<NegotiationLedgers> logger,
        ServiceClock? clock = null,
        Action<string, LedgerState>? moved = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var work = new LedgerScheduler(scheduler);
        _signals = new SignalSender(signals, work, logger, _stopping.Token);
        _services = new LedgerServices
        {
            Store = new DeadlineStore(store, options.Value.StoreTimeout, time),
            Keys = keys,
            Verifier = new HeadVerifier(ring),
            Seen = new SeenHeads(),
            Releases = releases,
            Signals = _signals,
            Moved = moved,
            Options = options.Value,
            Time = time,
            Clock = clock,
            Scheduler = work,
            Random = random,
            Logger = logger,
            Stopping = _stopping.Token,
        };
        _ledgers = new LedgersAtHand(options.Value.MaxLedgers, name => new NegotiationLedger(name, _services));
    }

    /// <summary>Commits an envelope. When it returns that it is logged, it is so durably.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the envelope may be logged or not.</exception>
    public ValueTask<CommitOutcome> CommitAsync(AdmittedEnvelope admitted, CancellationToken cancellationToken) =>
        CommitAsync(admitted, gathering: null, cancellationToken);

    /// <summary>Commits an envelope together with others that came with it.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the envelope may be logged or not.</exception>
    public ValueTask<CommitOutcome> CommitAsync(
        AdmittedEnvelope admitted, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        var candidate = Candidate.Of(admitted);
        return Find(candidate.Id.Negotiation) is { } ledger
            ? ledger.EnqueueAsync(candidate, gathering, cancellationToken)
            : new(CommitOutcome.Stopped(LedgerRulings.Unavailable("the relay is stopping"), candidate));
    }

    /// <summary>Commits an acknowledgement whose signature holds. When it returns that it is logged, it is so durably.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; it may be logged or not.</exception>
    public ValueTask<AcknowledgementOutcome> AcknowledgeAsync(AcknowledgementCandidate candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return Find(candidate.Acknowledgement.Id.Negotiation) is { } ledger
            ? ledger.AcknowledgeAsync(candidate, cancellationToken)
            : new(new AcknowledgementOutcome(AcknowledgementVerdict.LedgerUnavailable, "the relay is stopping"));
    }

    /// <summary>
    /// Commits a bundle of prekeys, or a claim of them, whose signature holds. When it returns receipts, it is so durably: keys are handed
    /// out by the entry that says so, and by nothing else.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; it may be logged or not.</exception>
    public ValueTask<PrekeyOutcome> TakeAsync(PrekeyCandidate candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return Find(candidate.Negotiation) is { } ledger
            ? ledger.TakeAsync(candidate, cancellationToken)
            : new(new PrekeyOutcome(PrekeyVerdict.LedgerUnavailable, "the relay is stopping"));
    }

    /// <summary>Puts an operator's mode in force. When it returns that it is changed, it is so durably, for every worker.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; it may be logged or not.</exception>
    public ValueTask<ModeRuling> SetModeAsync(string negotiation, ModeCandidate candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return Find(negotiation) is { } ledger
            ? ledger.SetModeAsync(candidate, cancellationToken)
            : new(new ModeRuling(ModeVerdict.LedgerUnavailable, -1, "the relay is stopping"));
    }

    /// <summary>
    /// Takes note that an entry is forwarded. It is recorded with the next commit, or after
    /// <see cref="LedgerOptions.MarkDelay"/>. Until then this process knows it, and one that takes over after a crash forwards
    /// the entry once more should its envelope come again.
    /// </summary>
    public void MarkForwarded(string negotiation, long index) => Find(negotiation)?.MarkForwarded(index);

    /// <summary>
    /// Reads a ledger's head anew, publishes what is not published, forwards what nobody forwards, and clears away what is over.
    /// </summary>
    /// <returns>False when that is not possible now.</returns>
    public ValueTask<bool> VisitAsync(string negotiation, CancellationToken cancellationToken) =>
        Find(negotiation) is { } ledger ? ledger.VisitAsync(cancellationToken) : new(false);

    /// <summary>Names of the negotiations that have a ledger in the store.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var name in _services.Store.ListAsync(LedgerPaths.MarkerPrefix, cancellationToken).ConfigureAwait(false))
        {
            if (LedgerPaths.TryParseMarker(name, out var negotiation)) yield return negotiation;
        }
    }

    /// <summary>Takes nothing more, finishes the commits under way, those of marks too, and stops forwarding.</summary>
    public async ValueTask DisposeAsync()
    {
        List<NegotiationLedger> ledgers;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            ledgers = _ledgers.ToList();
        }

        foreach (var ledger in ledgers)
        {
            await ledger.FinishCommitsAsync().ConfigureAwait(false);
        }

        // Not CancelAsync, which hops to the thread pool.
        _stopping.Cancel();
        foreach (var ledger in ledgers)
        {
            await ledger.DrainAsync().ConfigureAwait(false);
        }

        if (_signals.Run is { } sending) await sending.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private NegotiationLedger? Find(string negotiation)
    {
        lock (_gate)
        {
            return _disposed ? null : _ledgers.Find(negotiation);
        }
    }
}
