using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Core.Settlement;
using Relay.Core.Verification;

namespace Relay.Core.Pending;

/// <summary>
/// Sees to what waits for more signatures: what the ledger has by now is kept no longer, and what is over, or suffices by a document
/// that has changed since, goes back on its queue, where it is ruled on as any envelope.
/// </summary>
/// <remarks>
/// That it goes back is written into the blob first, so it does once in <see cref="ReturnAgainAfter"/> however many sweep. What is over is
/// dead-lettered by the ruling on that message, which takes the blob away; a worker that dies in between has it done again.
/// </remarks>
public sealed class PendingSweep
{
    /// <summary>After which what went back on its queue and is still here goes back again: 10 min.</summary>
    public static readonly TimeSpan ReturnAgainAfter = TimeSpan.FromMinutes(10);

    private readonly ILedgerStore _store;
    private readonly PendingEnvelopes _pending;
    private readonly NegotiationDirectory _directory;
    private readonly SignatureVerifier _verifier;
    private readonly LedgerReader _ledger;
    private readonly IEnvelopeQueue _queues;
    private readonly TimeProvider _time;
    private readonly ILogger<PendingSweep> _logger;

    internal PendingSweep(
        ILedgerStore store,
        PendingEnvelopes pending,
        NegotiationDirectory directory,
        SignatureVerifier verifier,
        LedgerReader ledger,
        IEnvelopeQueue queues,
        TimeProvider time,
        ILogger<PendingSweep> logger)
    {
        _store = store;
        _pending = pending;
        _directory = directory;
        _verifier = verifier;
        _ledger = ledger;
        _queues = queues;
        _time = time;
        _logger = logger;
    }

    /// <summary>One round over all that wait.</summary>
    /// <returns>How many wait.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; the next round begins anew.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            await foreach (var name in _store.ListAsync(LedgerPaths.PendingPrefix, cancellationToken).ConfigureAwait(false))
            {
                if (await StaysAsync(name, cancellationToken).ConfigureAwait(false)) count++;
            }

            _pending.Counted(count);
        }
        catch (LedgerStoreException e)
        {
            RelayLog.PendingNotSwept(_logger, e.Message);
        }

        return count;
    }

    private async ValueTask<bool> StaysAsync(string name, CancellationToken cancellationToken)
    {
        if (await _pending.ReadAsync(name, cancellationToken).ConfigureAwait(false) is not { } blob) return false;
        if (blob.Content is not { } kept)
        {
            // Its mediators' next copies begin it anew, and until then it takes room.
            RelayLog.PendingDamaged(_logger, name);
            return true;
        }

        var id = kept.Envelope.Id;
        var logged = await _ledger.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (logged.IsFound && logged.Value.Entry?.Digest == kept.Envelope.Digest)
        {
            await _store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            return false;
        }

        if (await IsOverAsync(kept, cancellationToken).ConfigureAwait(false))
        {
            await ReturnAsync(name, blob.ETag, kept, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    // Its time, or the want of signatures.
    private async ValueTask<bool> IsOverAsync(PendingContent kept, CancellationToken cancellationToken)
    {
        if (kept.Until <= _time.GetUtcNow()) return true;
        var entry = await _directory.FindAsync(kept.Envelope.Id.Negotiation, DirectoryShare.Queue, cancellationToken).ConfigureAwait(false);
        if (entry?.Document is not { } document) return false;
        return (await _verifier.VerifyAsync(kept.Envelope, document, cancellationToken).ConfigureAwait(false)).Reached;
    }

    private async ValueTask ReturnAsync(string name, string etag, PendingContent kept, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (kept.ReturnedAt is { } returned && now - returned < ReturnAgainAfter) return;
        var marked = (kept with { ReturnedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()) }).ToBytes();
        var put = await _store.PutIfMatchAsync(name, marked, etag, cancellationToken).ConfigureAwait(false);
        // Another copy or another sweep was first: the next round sees what became of it.
        if (!put.Stored) return;
        var message = new QueuedEnvelope(kept.Envelope.Wire, kept.Envelope.Id.Lane);
        if (await _queues.EnqueueAsync(message, cancellationToken).ConfigureAwait(false) == SendOutcome.Accepted) return;
        // Not there: the mark goes, so that the next round tries again.
        await _store.PutIfMatchAsync(name, kept.ToBytes(), put.ETag!, cancellationToken).ConfigureAwait(false);
    }
}
