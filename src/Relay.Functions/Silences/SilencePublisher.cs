using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Store;
using Relay.Functions.Diagnostics;
using Relay.Functions.Reading;
using Relay.Risk;
using Relay.Risk.Silence;

namespace Relay.Functions.Silences;

/// <summary>
/// Tells on the topic <c>signals</c> who has fallen silent and who is back, as the ledgers have it. Only the worker that has the
/// maintenance timer watches: it is enlisted by it each minute, and for no longer than that.
/// </summary>
/// <remarks>
/// A ledger is looked into when somebody is due to be told, and once a minute: its checkpoint, and the bundles that are new. No message
/// costs a call of its own. Events have the id of what they tell of, so a worker that takes over and finds the same says the same.
/// </remarks>
public sealed class SilencePublisher(
    NegotiationLedgers ledgers,
    SignalReader reader,
    ISignalFeed feed,
    Readiness readiness,
    IOptions<SilenceOptions> options,
    SilenceTelemetry telemetry,
    TimeProvider time,
    ILogger<SilencePublisher> logger)
{
    private const int MaxWatched = 1_000;
    private const int MaxUntold = 1_000;

    private static readonly TimeSpan Enlistment = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan MaxLate = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMinutes(1);

    private readonly SilenceRules _rules = new(options.Value.MinGaps, options.Value.Learn);
    private readonly OwnPauses _pauses = new();
    private readonly LocalHealth _health = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly Queue<(string Negotiation, string Type, byte[] Event)> _untold = new();
    private DateTimeOffset _previous = DateTimeOffset.MaxValue;
    private DateTimeOffset? _unwellSince;
    private DateTimeOffset? _gone;

    // Swapped whole by the timer; what else there is belongs to the rounds, of which one runs at a time.
    private Enlisted _enlisted = new([], DateTimeOffset.MinValue, null, DateTimeOffset.MinValue);

    /// <summary>This worker has the timer: it watches all negotiations for the next minutes.</summary>
    /// <param name="lastRun">
    /// When a worker had it last; null where that is not known. Where it is longer ago than a worker watches there was no relay meanwhile,
    /// and nobody could be heard: after an outage of the whole app nobody is told silent for its sake.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task EnlistAsync(DateTimeOffset? lastRun, CancellationToken cancellationToken)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        try
        {
            await foreach (var negotiation in ledgers.ListAsync(cancellationToken))
            {
                if (names.Count < MaxWatched) names.Add(negotiation);
            }
        }
        catch (LedgerStoreException e)
        {
            // While the store is away those of before are watched: it is the relay's silence then.
            FunctionsLog.SilencesNotSeen(logger, "(all)", e.Message);
            names.Clear();
            names.AddRange(Volatile.Read(ref _enlisted).Negotiations);
        }

        var now = time.GetUtcNow();
        var gone = lastRun is { } last && now - last > Enlistment ? lastRun : null;
        Volatile.Write(ref _enlisted, new Enlisted(names.DrainToImmutable(), now + Enlistment, gone, now));
    }

    /// <summary>One round, each second.</summary>
    /// <param name="late">How late the timer came: while this process stood still nobody could be heard.</param>
    /// <param name="cancellationToken">Ends the round.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task RunAsync(TimeSpan late, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var enlisted = Volatile.Read(ref _enlisted);
        if (enlisted.Gone is { } since && _gone != since)
        {
            _gone = since;
            _pauses.Add(since, enlisted.At);
        }

        _health.Note(late <= MaxLate);
        if (late > MaxLate) _pauses.Add(now - late, now);
        NoteWell(now);
        if (now > enlisted.Until)
        {
            _watched.Clear();
            telemetry.Stands([], _health.Multiplier);
            return;
        }

        await TellAsync(cancellationToken);
        foreach (var gone in _watched.Keys.Except(enlisted.Negotiations).ToList()) _watched.Remove(gone);
        foreach (var negotiation in enlisted.Negotiations) await LookAsync(negotiation, now, cancellationToken);
        var silent = _watched.Values.SelectMany(static watched => watched.Watch?.Silent ?? []).Select(static party => party.Kind);
        telemetry.Stands(silent, _health.Multiplier);
    }

    private void NoteWell(DateTimeOffset now)
    {
        if (readiness.Reasons.IsEmpty)
        {
            if (_unwellSince is not null)
            {
                foreach (var watched in _watched.Values) watched.NextLook = now;
            }

            _unwellSince = null;
        }
        else
        {
            if (_previous < now) _pauses.Add(_previous, now);
            _unwellSince ??= now;
        }

        _previous = now;
    }

    private async ValueTask LookAsync(string negotiation, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!_watched.TryGetValue(negotiation, out var watched)) _watched.Add(negotiation, watched = new Watched());
        if (_unwellSince is null)
        {
            if (now < watched.NextLook) return;
            watched.NextLook = now + AfterTrouble;
            if (!await ReadAsync(negotiation, watched, cancellationToken)) return;
        }

        if (watched.Watch is not { } watch) return;
        foreach (var notice in watch.Judge(now, _health, _pauses, _unwellSince)) Note(negotiation, watched.Relay, notice);
        watched.NextLook = watch.NextLook(now, _pauses);
        await TellAsync(cancellationToken);
    }

    // False when nothing of the ledger can be said now.
    private async ValueTask<bool> ReadAsync(string negotiation, Watched watched, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var read = await reader.ReadSinceAsync(negotiation, watched.Watch?.Next ?? 0, cancellationToken);
        if (read.Status == LedgerReadStatus.Unavailable || time.GetElapsedTime(startedAt) > MaxLook) _health.Note(isWell: false);
        if (read.IsFound)
        {
            watched.Relay = read.Value.Relay;
            watched.Watch ??= new SilenceWatch(_rules, watched.Relay);
            watched.Watch.Observe(read.Value.Observations, _pauses);
            return true;
        }

        if (read.Status != LedgerReadStatus.Absent) FunctionsLog.SilencesNotSeen(logger, negotiation, read.Failure.Problem);
        return false;
    }

    private void Note(string negotiation, string relay, SilenceNotice notice)
    {
        if (notice.Cause is { } cause) FunctionsLog.Silent(logger, negotiation, notice.Kind, notice.Party, notice.Since, cause);
        else FunctionsLog.Back(logger, negotiation, notice.Kind, notice.Party, notice.Since);
        telemetry.Told(notice);
        if (_untold.Count >= MaxUntold) _untold.Dequeue();
        _untold.Enqueue((negotiation, SilenceEvent.TypeOf(notice), SilenceEvent.Write(notice, relay, negotiation)));
    }

    // In their order; what the topic does not take now comes with the next round.
    private async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        while (_untold.TryPeek(out var next))
        {
            if (!await feed.TellAsync(next.Negotiation, next.Type, SilenceEvent.MediaType, next.Event, cancellationToken)) return;
            _untold.Dequeue();
        }
    }

    // Gone: since when no worker had the timer until then; null when one had.
    private sealed record Enlisted(ImmutableArray<string> Negotiations, DateTimeOffset Until, DateTimeOffset? Gone, DateTimeOffset At);

    private sealed class Watched
    {
        /// <summary>Null until its ledger could be read.</summary>
        public SilenceWatch? Watch { get; set; }

        public string Relay { get; set; } = "";

        public DateTimeOffset NextLook { get; set; }
    }
}
