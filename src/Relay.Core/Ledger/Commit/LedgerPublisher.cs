using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Puts what is staged in its places. Everything it does may be done again, by anyone, at any time: names never get another content.
/// </summary>
internal sealed class LedgerPublisher(ILedgerStore store, StagedBases bases, string negotiation, ILogger logger)
{
    private const int AtOnce = 8;
    private const int MaxTries = 4;

    // ETag of the checkpoint blob as this process wrote it last.
    private string? _checkpointETag;

    /// <summary>Says, where maintenance looks, that the negotiation has a ledger.</summary>
    public async ValueTask RegisterNegotiationAsync(CancellationToken cancellationToken) =>
        await EnsureAsync(LedgerPaths.Marker(negotiation), ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Puts tiles, index and the rest, then the checkpoint. What they supersede stays: the head stands on it until the next one.
    /// </summary>
    /// <exception cref="LedgerStoreException">Not all of it could be put; it may be done again.</exception>
    /// <exception cref="LedgerDamagedException">What a blob grew from is not there as it was: the head may be an old one.</exception>
    public async ValueTask PublishAsync(StagedCommit staged, LedgerHead head, CancellationToken cancellationToken)
    {
        for (var i = 0; i < staged.Puts.Length; i += AtOnce)
        {
            await Task.WhenAll(staged.Puts.Skip(i).Take(AtOnce).Select(put => PutAsync(put, cancellationToken))).ConfigureAwait(false);
        }

        await AdvanceCheckpointAsync(head, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True when the checkpoint that is published is the head's: it is put after everything else.</summary>
    public async ValueTask<bool> IsPublishedAsync(LedgerHead head, CancellationToken cancellationToken) =>
        await store.GetAsync(LedgerPaths.Checkpoint(negotiation), cancellationToken).ConfigureAwait(false) is { Intact: true } there
            && there.Content.Span.SequenceEqual(head.Checkpoint.Bytes.Span);

    /// <summary>Takes blobs away, as far as the store lets it: what stays is litter and does no harm.</summary>
    /// <returns>True when all are gone.</returns>
    public async ValueTask<bool> DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < names.Count; i += AtOnce)
            {
                await Task.WhenAll(
                    names.Skip(i).Take(AtOnce).Select(name => store.DeleteAsync(name, cancellationToken).AsTask())).ConfigureAwait(false);
            }

            return true;
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.LitterLeft(logger, negotiation, e.Message);
            return false;
        }
    }

    private async Task PutAsync(StagedBlob put, CancellationToken cancellationToken)
    {
        var content = put.Content;
        if (put.After is { } after)
        {
            var start = await bases.GetAsync(after.Name, cancellationToken).ConfigureAwait(false);
            if (start is not { Intact: true } || !put.TryGrow(start.Content, out content))
            {
                throw new LedgerDamagedException(
                    $"expected '{after.Name}' as '{put.Name}' grew from it, got {(start is null ? "none" : "other bytes")}");
            }
        }

        await EnsureAsync(put.Name, content, cancellationToken).ConfigureAwait(false);
        bases.Put(put.Name, content, put.After);
    }

    // Once it returns, a blob of this name has this content. What is there instead can only be a torn or damaged copy of it.
    private async ValueTask EnsureAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxTries; i++)
        {
            if ((await store.PutIfAbsentAsync(name, content, cancellationToken).ConfigureAwait(false)).Stored) return;
            // Gone again: a later commit has superseded and removed it. Putting it once more leaves litter at worst.
            if (await store.GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } there) continue;
            if (there.Intact && there.Content.Span.SequenceEqual(content.Span)) return;
            if ((await store.PutIfMatchAsync(name, content, there.ETag, cancellationToken).ConfigureAwait(false)).Stored)
            {
                LedgerLog.BlobHealed(logger, name);
                return;
            }
        }

        throw new LedgerStoreException($"expected '{name}' to keep still for {MaxTries} tries, it did not");
    }

    private async ValueTask AdvanceCheckpointAsync(LedgerHead head, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.Checkpoint(negotiation);
        var content = head.Checkpoint.Bytes;
        if (_checkpointETag is { } etag)
        {
            _checkpointETag = null;
            var put = await store.PutIfMatchAsync(name, content, etag, cancellationToken).ConfigureAwait(false);
            _checkpointETag = put.ETag;
            if (put.Stored) return;
        }

        for (var i = 0; i < MaxTries; i++)
        {
            var there = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
            PutResult put;
            if (there is null)
            {
                put = await store.PutIfAbsentAsync(name, content, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                if (there.Intact && there.Content.Span.SequenceEqual(content.Span)) return;
                if (await IsNewerAsync(there, head, cancellationToken).ConfigureAwait(false)) return;
                put = await store.PutIfMatchAsync(name, content, there.ETag, cancellationToken).ConfigureAwait(false);
            }

            if (!put.Stored) continue;
            _checkpointETag = put.ETag;
            return;
        }

        throw new LedgerStoreException($"expected '{name}' to keep still for {MaxTries} tries, it did not");
    }

    // A checkpoint that says it is larger than this head's is believed only if the
    // ledger's head has come as far: a flipped digit must not stay there for ever.
    private async ValueTask<bool> IsNewerAsync(StoredBlob there, LedgerHead head, CancellationToken cancellationToken)
    {
        if (!there.Intact
            || !SignedNote.TryParse(there.Content, out var note, out _)
            || !Checkpoint.TryParse(note.Text.Span, out var checkpoint, out _))
        {
            return false;
        }
        if (checkpoint.Size <= head.State.Size) return false;
        var newest = await store.GetAsync(LedgerPaths.Head(negotiation), cancellationToken).ConfigureAwait(false);
        return newest is { Intact: true }
            && HeadCodec.TryRead(newest.Content, out var newer, out _, out _)
            && newer.State.Size >= checkpoint.Size;
    }
}
