using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Store;
using Relay.Functions.Diagnostics;
using Relay.Risk;
using Relay.Risk.Results;

namespace Relay.Functions.Reading;

/// <summary>
/// Tells each negotiation's risk signals on the topic <c>signals</c>, once an hour, of the day up to the hour: the event that
/// <c>GET .../signals</c> answers with that end. Called every minute, by one worker at a time.
/// </summary>
/// <remarks>
/// The event is written down before it is told, and that it is told after: a worker that dies in between has the next one tell the same
/// bytes again, so that whoever counts by the event's id counts once. An hour costs a negotiation two writes and at most 21 reads; none
/// but two reads where nothing was logged since signals that had no envelope in their day.
/// </remarks>
public sealed class SignalPublisher(
    NegotiationLedgers ledgers,
    LedgerReader reader,
    SignalReader signals,
    [FromKeyedServices(CoreServices.BoundedStore)] ILedgerStore store,
    ISignalFeed feed,
    TimeProvider time,
    ILogger<SignalPublisher> logger)
{
    /// <summary>How often signals are told: every hour, on the hour.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Ends of windows; the timer of one process has no two runs at once. Until the hour is through, every minute looks again.
    private long _throughUntil;

    /// <summary>Tells what is not told yet.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the next round goes on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var until = now - now % (long)Every.TotalMilliseconds;
        if (_throughUntil >= until) return;
        var isThrough = true;
        try
        {
            await foreach (var negotiation in ledgers.ListAsync(cancellationToken))
            {
                isThrough &= await TryTellAsync(negotiation, until, cancellationToken);
            }
        }
        catch (LedgerStoreException e)
        {
            FunctionsLog.SignalsNotTold(logger, "(all)", e.Message);
            return;
        }

        if (isThrough) _throughUntil = until;
    }

    private async ValueTask<bool> TryTellAsync(string negotiation, long until, CancellationToken cancellationToken)
    {
        try
        {
            if (await TellAsync(negotiation, until, cancellationToken) is not { } problem) return true;
            FunctionsLog.SignalsNotTold(logger, negotiation, problem);
        }
        catch (LedgerStoreException e)
        {
            FunctionsLog.SignalsNotTold(logger, negotiation, e.Message);
        }

        return false;
    }

    // Null when there is nothing left to tell.
    private async ValueTask<string?> TellAsync(string negotiation, long until, CancellationToken cancellationToken)
    {
        var blob = await store.GetAsync(ToldSignals.BlobOf(negotiation), cancellationToken);
        var told = blob is { Intact: true } ? ToldSignals.Read(blob.Content) : null;
        var etag = blob?.ETag;
        if (told is { IsTold: false })
        {
            (var problem, etag) = await FinishAsync(negotiation, told, etag!, cancellationToken);
            if (problem is not null) return problem;
        }

        if (told?.Until >= until) return null;
        var checkpoint = await reader.CheckpointAsync(negotiation, cancellationToken);
        if (!checkpoint.IsFound) return ProblemOf(negotiation, checkpoint.Failure);
        // After signals of a day in which nobody sent anything there is nothing new to say before there is a new entry.
        if (told is { IsQuiet: true } && told.Size == checkpoint.Value.Checkpoint.Size) return null;
        var read = await signals.ReadAsync(negotiation, cancellationToken);
        if (!read.IsFound) return ProblemOf(negotiation, read.Failure);
        var window = SignalWindow.Ending(DateTimeOffset.FromUnixTimeMilliseconds(until), SignalWindow.Usual);
        var computed = SignalCalculator.Compute(negotiation, read.Value.Ledger, read.Value.Observations, window);
        // Of a ledger that began after the hour there is nothing to tell.
        if (computed.Senders.Length == 0) return null;
        var telling = new ToldSignals(
            until,
            read.Value.Ledger.Size,
            computed.Senders.All(static sender => sender.Envelopes == 0),
            false,
            SignalEvent.Write(computed, read.Value.Relay));
        var put = etag is null
            ? await store.PutIfAbsentAsync(ToldSignals.BlobOf(negotiation), telling.ToBytes(), cancellationToken)
            : await store.PutIfMatchAsync(ToldSignals.BlobOf(negotiation), telling.ToBytes(), etag, cancellationToken);
        // Another worker tells it, or an answer was lost: the next minute sees which.
        if (!put.Stored) return "expected to be the only one who tells them, another does";
        return (await FinishAsync(negotiation, telling, put.ETag!, cancellationToken)).Problem;
    }

    private async ValueTask<(string? Problem, string? ETag)> FinishAsync(
        string negotiation, ToldSignals telling, string etag, CancellationToken cancellationToken)
    {
        if (!await feed.TellAsync(negotiation, SignalEvent.Type, SignalEvent.MediaType, telling.Event, cancellationToken))
        {
            return ("expected the topic to take them, it cannot now", null);
        }

        var done = telling with { IsTold = true, Event = default };
        var put = await store.PutIfMatchAsync(ToldSignals.BlobOf(negotiation), done.ToBytes(), etag, cancellationToken);
        return put.Stored ? (null, put.ETag) : ("expected to be the only one who tells them, another does", null);
    }

    private string? ProblemOf(string negotiation, LedgerReadFailure failure)
    {
        if (failure.Status == LedgerReadStatus.Unavailable) return $"expected the ledger, it cannot be read now: {failure.Problem}";
        // No minute mends it: it is told of once an hour, and looked at no more often.
        if (failure.Status == LedgerReadStatus.Damaged) FunctionsLog.LedgerDamaged(logger, negotiation, failure.Problem);
        return null;
    }
}
