using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>Reads the head of one ledger, verified, and swaps it.</summary>
internal sealed class HeadKeeper(ILedgerStore store, HeadVerifier verifier, SeenHeads seen, string negotiation, string origin)
{
    private readonly string _name = LedgerPaths.Head(negotiation);

    /// <summary>The head as it is now.</summary>
    /// <returns>Null when there is no ledger yet.</returns>
    /// <exception cref="LedgerDamagedException">It is damaged, not the relay's, older than one seen before, or lost.</exception>
    /// <exception cref="LedgerStoreException">Store or vault do not answer.</exception>
    public async ValueTask<HeadInHand?> ReadAsync(CancellationToken cancellationToken)
    {
        var blob = await store.GetAsync(_name, cancellationToken).ConfigureAwait(false);
        if (blob is null)
        {
            if (!await IsNewAsync(cancellationToken).ConfigureAwait(false))
            {
                // Another worker may have made the ledger between the two looks.
                blob = await store.GetAsync(_name, cancellationToken).ConfigureAwait(false)
                    ?? throw new LedgerDamagedException($"expected '{_name}' of a ledger that has begun, got none: it was lost");
            }
            else
            {
                return seen.CommitOf(negotiation) == 0
                    ? null
                    : throw new LedgerDamagedException(
                        $"expected '{_name}' of commit {seen.CommitOf(negotiation)} or later, got none: the ledger was lost");
            }
        }

        return await CheckAsync(blob, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts a new head in the place of the old one.</summary>
    /// <param name="old">What the commit started from; null for a new ledger.</param>
    /// <param name="head">The new head.</param>
    /// <param name="note">Its signed note.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when somebody else was first.</returns>
    /// <exception cref="LedgerStoreException">The outcome is not known.</exception>
    public async ValueTask<HeadInHand?> SwapAsync(HeadInHand? old, LedgerHead head, SignedNote note, CancellationToken cancellationToken)
    {
        var blob = HeadCodec.WriteBlob(note, head.Staged);
        var put = old is null
            ? await store.PutIfAbsentAsync(_name, blob, cancellationToken).ConfigureAwait(false)
            : await store.PutIfMatchAsync(_name, blob, old.ETag, cancellationToken).ConfigureAwait(false);
        if (!put.Stored) return null;
        seen.Note(negotiation, head.State.Commit, Digest.Of(note.Bytes.Span));
        return new HeadInHand(head, note.Bytes, put.ETag!);
    }

    private async ValueTask<HeadInHand> CheckAsync(StoredBlob blob, CancellationToken cancellationToken)
    {
        if (!blob.Intact) throw new LedgerDamagedException($"expected '{_name}' intact, got damaged bytes");
        if (!HeadCodec.TryRead(blob.Content, out var head, out var note, out var error))
        {
            throw new LedgerDamagedException($"'{_name}': {error}");
        }
        var bytes = Digest.Of(note.Bytes.Span);
        // The very bytes that were verified, or signed, here before: an idle ledger that is looked at every minute costs no signature.
        if (seen.IsSeen(negotiation, head.State.Commit, bytes)) return new HeadInHand(head, note.Bytes, blob.ETag);
        var check = await verifier.CheckAsync(head, note, origin, cancellationToken).ConfigureAwait(false);
        Exception? fault = check.Status switch
        {
            HeadCheckStatus.Signed => null,
            HeadCheckStatus.Unavailable => new LedgerStoreException($"'{_name}': {check.Problem}"),
            HeadCheckStatus.Damaged => new LedgerDamagedException($"'{_name}': {check.Problem}"),
        };
        if (fault is not null) throw fault;
        if (seen.Note(negotiation, head.State.Commit, bytes) is { } problem) throw new LedgerDamagedException($"'{_name}': {problem}");
        return new HeadInHand(head, note.Bytes, blob.ETag);
    }

    // The marker comes after the first head and before anything else.
    private async ValueTask<bool> IsNewAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(LedgerPaths.Marker(negotiation), cancellationToken).ConfigureAwait(false) is null;
}

/// <summary>A head that was read and verified, or written here.</summary>
/// <param name="Head">The head.</param>
/// <param name="Bytes">Its note, byte for byte, without what stands behind it.</param>
/// <param name="ETag">The store's word for that content.</param>
internal sealed record HeadInHand(LedgerHead Head, ReadOnlyMemory<byte> Bytes, string ETag);
