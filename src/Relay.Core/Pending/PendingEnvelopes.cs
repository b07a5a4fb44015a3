using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core.Pending;

/// <summary>
/// Keeps envelopes that have some of their quorum's signatures, and adds those of further copies until they suffice. Safe for
/// concurrent use, and beside other processes on the same store.
/// </summary>
/// <remarks>
/// <para>One blob an envelope, named by its digest, changed by conditional writes alone: two workers that add to one at the same moment
/// exclude each other, and whoever loses reads it again. A copy's message is completed after its signatures are in the blob.</para>
/// <para>The blob stays until the envelope is in the ledger, held there, or refused: a worker that dies in between, or a commit that must
/// be tried again, finds the signatures where they were. The copy's own message stands for the envelope meanwhile, as any message
/// does.</para>
/// <para>Only signatures that count are kept, and one of each mediator, so copies of what is known already fill nothing; nor do copies
/// of what the ledger has.</para>
/// </remarks>
internal sealed class PendingEnvelopes
{
    /// <summary>Most envelopes of one negotiation that wait: 256.</summary>
    public const int MaxOfNegotiation = 256;

    /// <summary>Most envelopes that wait, all negotiations together, as of the last sweep: 4,096.</summary>
    public const int MaxInAll = 4_096;

    private const int Attempts = 16;

    private readonly DeadlineStore _store;
    private readonly SignatureVerifier _verifier;
    private readonly LedgerReader _ledger;
    private readonly TimeProvider _time;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _beginning = new(StringComparer.Ordinal);
    private int _inAll;

    /// <param name="store">Where they are kept.</param>
    /// <param name="timeout">Longest wait for one answer of the store; positive.</param>
    /// <param name="verifier">Verifies signatures.</param>
    /// <param name="ledger">Tells what is logged already.</param>
    /// <param name="time">Clock.</param>
    public PendingEnvelopes(ILedgerStore store, TimeSpan timeout, SignatureVerifier verifier, LedgerReader ledger, TimeProvider time)
    {
        _store = new DeadlineStore(store, timeout, time);
        _verifier = verifier;
        _ledger = ledger;
        _time = time;
    }

    /// <summary>Takes the signatures of a copy below quorum.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="document">The negotiation's document, by which it is below quorum.</param>
    /// <param name="quorum">Of the copy's signatures; at least one counts.</param>
    /// <param name="cancellationToken">Ends the call; the signatures may then be kept or not.</param>
    /// <returns>
    /// The envelope, once it has a quorum's; else a ruling, by which the copy is kept durably if it is <see cref="Verdict.Pending"/>.
    /// </returns>
    public async ValueTask<PendingOutcome> MergeAsync(
        Envelope copy, NegotiationDocument document, QuorumResult quorum, CancellationToken cancellationToken)
    {
        try
        {
            var name = LedgerPaths.Pending(copy.Id, copy.Digest);
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var blob = await _store.GetAsync(name, cancellationToken).ConfigureAwait(false);
                var outcome = blob is null
                    ? await BeginAsync(name, copy, quorum, cancellationToken).ConfigureAwait(false)
                    : await AddAsync(name, blob, copy, document, quorum, cancellationToken).ConfigureAwait(false);
                if (outcome is not null) return outcome;
            }

            return PendingOutcome.Stop(PendingRulings.Unavailable($"others changed it {Attempts} times meanwhile"));
        }
        catch (LedgerStoreException e)
        {
            return PendingOutcome.Stop(PendingRulings.Unavailable(e.Message));
        }
    }

    /// <summary>Keeps an envelope no longer: it is logged, held or refused. What cannot be done now the sweep does.</summary>
    public async ValueTask ForgetAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            await _store.DeleteAsync(LedgerPaths.Pending(envelope.Id, envelope.Digest), cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerStoreException)
        {
            // Found by the sweep, which sees that the ledger has it, or that its time is over.
        }
    }

    /// <summary>How far an envelope is; of several under one id the one with the most weight.</summary>
    /// <returns>Null when none waits under that id.</returns>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async ValueTask<PendingStanding?> FindAsync(EnvelopeId id, NegotiationDocument document, CancellationToken cancellationToken)
    {
        PendingStanding? best = null;
        await foreach (var name in _store.ListAsync(LedgerPaths.PendingOf(id), cancellationToken).ConfigureAwait(false))
        {
            if (await ReadAsync(name, cancellationToken).ConfigureAwait(false) is not (_, { } kept)) continue;
            var quorum = await _verifier.VerifyAsync(kept.Envelope, document, cancellationToken).ConfigureAwait(false);
            if (best is null || quorum.Weight > best.Weight) best = Describe(kept, quorum, document);
        }

        return best;
    }

    /// <summary>Takes note of how many wait in all, as they were counted.</summary>
    public void Counted(int inAll)
    {
        lock (_gate)
        {
            _inAll = inAll;
        }
    }

    /// <summary>Reads a blob: its etag, and its content unless it is damaged; null when it is not there.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async ValueTask<(string ETag, PendingContent? Content)?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (await _store.GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } blob) return null;
        return (blob.ETag, ContentOf(name, blob));
    }

    private static PendingContent? ContentOf(string name, StoredBlob blob) =>
        blob.Intact && PendingContent.TryRead(blob.Content, name, out var content) ? content : null;

    private static PendingStanding Describe(PendingContent kept, QuorumResult quorum, NegotiationDocument document) => new(
        kept.Envelope.Digest,
        quorum.Weight,
        quorum.Required,
        quorum.Counted,
        [.. document.Mediators.Keys.Except(quorum.Counted, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        kept.Since,
        kept.Until);

    // Null when another copy was first.
    private async ValueTask<PendingOutcome?> BeginAsync(
        string name, Envelope copy, QuorumResult quorum, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (copy.Head.ExpiresAt <= now) return PendingOutcome.Stop(PendingRulings.TooLate(quorum, copy.Head.ExpiresAt));
        if (await FindLoggedAsync(copy, cancellationToken).ConfigureAwait(false) is { } known) return PendingOutcome.Stop(known);
        var negotiation = copy.Id.Negotiation;
        var ahead = Enter(negotiation);
        var isNew = false;
        try
        {
            if (await FindFullAsync(negotiation, ahead, cancellationToken).ConfigureAwait(false) is { } full)
            {
                return PendingOutcome.Stop(full);
            }

            var content = Content(now, PendingMerge.Counted(copy, quorum));
            var put = await _store.PutIfAbsentAsync(name, content.ToBytes(), cancellationToken).ConfigureAwait(false);
            isNew = put.Stored;
            return isNew ? PendingOutcome.Stop(PendingRulings.Waits(quorum, content.Until)) : null;
        }
        finally
        {
            Leave(negotiation, isNew);
        }
    }

    // Null when another copy was first.
    private async ValueTask<PendingOutcome?> AddAsync(
        string name, StoredBlob blob, Envelope copy, NegotiationDocument document, QuorumResult quorum, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        // What cannot be read any more is begun anew; mediators whose signatures were in it have to sign again.
        var there = ContentOf(name, blob);
        var kept = there ?? Content(now, PendingMerge.Counted(copy, quorum));
        var merge = await PendingMerge.OfAsync(kept.Envelope, copy, quorum, document, _verifier, cancellationToken).ConfigureAwait(false);
        if (kept.Until <= now && !merge.Quorum.Reached)
        {
            await _store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            return PendingOutcome.Stop(PendingRulings.TooLate(merge.Quorum, kept.Until));
        }

        if (merge.Adds || there is null)
        {
            var content = (kept with { Envelope = merge.Envelope }).ToBytes();
            if (!(await _store.PutIfMatchAsync(name, content, blob.ETag, cancellationToken).ConfigureAwait(false)).Stored) return null;
        }

        return merge.Quorum.Reached
            ? PendingOutcome.Complete(merge)
            : PendingOutcome.Stop(PendingRulings.Waits(merge.Quorum, kept.Until));
    }

    private static PendingContent Content(DateTimeOffset now, Envelope envelope) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), null, envelope);

    // Whoever strips an envelope that is logged to one of its signatures has it answered, and kept nowhere.
    private async ValueTask<Ruling?> FindLoggedAsync(Envelope copy, CancellationToken cancellationToken)
    {
        var read = await _ledger.FindAsync(copy.Id, cancellationToken).ConfigureAwait(false);
        return read.Status switch
        {
            LedgerReadStatus.Found => read.Value!.Entry?.Digest == copy.Digest ? LedgerRulings.Duplicate(read.Value.Index!.Value) : null,
            LedgerReadStatus.Absent => null,
            LedgerReadStatus.Unavailable => PendingRulings.Unavailable(read.Problem),
            LedgerReadStatus.Damaged => LedgerRulings.Damaged(),
        };
    }

    private async ValueTask<Ruling?> FindFullAsync(string negotiation, int ahead, CancellationToken cancellationToken)
    {
        if (InAll() >= MaxInAll) return PendingRulings.Full(MaxInAll, "all negotiations");
        var count = ahead;
        await foreach (var _ in _store.ListAsync(LedgerPaths.PendingOf(negotiation), cancellationToken).ConfigureAwait(false))
        {
            if (++count >= MaxOfNegotiation) return PendingRulings.Full(MaxOfNegotiation, $"negotiation '{negotiation}'");
        }

        return null;
    }

    // How many of the negotiation are being begun here: no listing has them yet.
    private int Enter(string negotiation)
    {
        lock (_gate)
        {
            var ahead = _beginning.GetValueOrDefault(negotiation);
            _beginning[negotiation] = ahead + 1;
            return ahead;
        }
    }

    private void Leave(string negotiation, bool isNew)
    {
        lock (_gate)
        {
            if (isNew) _inAll++;
            if (--_beginning[negotiation] == 0) _beginning.Remove(negotiation);
        }
    }

    private int InAll()
    {
        lock (_gate)
        {
            return _inAll;
        }
    }
}
