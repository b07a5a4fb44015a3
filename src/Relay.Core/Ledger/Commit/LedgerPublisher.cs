using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Puts staged commits in their places. Everything it does may be done again, by anyone, at any time: names never get another content.
/// </summary>
internal sealed class LedgerPublisher(ILedgerStore store, string negotiation, ILogger logger)
{
    private const int AtOnce = 8;
    private const int MaxTries = 4;

    // ETag of the checkpoint blob as this process wrote it last.
    private string? _checkpointETag;

    /// <summary>Puts a commit's content where its head will say it is. Once it returns, the blob is there and whole.</summary>
    public async ValueTask StageAsync(string stagingName, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await EnsureAsync(LedgerPaths.Staging(negotiation, stagingName), content, cancellationToken).ConfigureAwait(false);

    /// <summary>Says, where maintenance looks, that the negotiation has a ledger.</summary>
    public async ValueTask RegisterNegotiationAsync(CancellationToken cancellationToken) =>
        await EnsureAsync(LedgerPaths.Marker(negotiation), ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a staging blob back.</summary>
    /// <exception cref="LedgerDamagedException">It is missing, damaged or of another commit.</exception>
    public async ValueTask<StagedCommit> ReadStagedAsync(string stagingName, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.Staging(negotiation, stagingName);
        if (!LedgerPaths.TryParseStagingName(stagingName, out var commit, out var digest))
        {
            throw new ArgumentException($"Expected a staging name, got '{stagingName}'.", nameof(stagingName));
        }
        var blob = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (blob is null) throw new LedgerDamagedException($"expected '{name}' of the head's commit, got none");
        if (!blob.Intact || Digest.Of(blob.Content.Span) != digest)
        {
            throw new LedgerDamagedException($"expected the content that '{name}' is named for, got damaged bytes");
        }
        if (!StagedCommit.TryRead(blob.Content, out var staged, out var error)) throw new LedgerDamagedException($"'{name}': {error}");
        return staged.Commit == commit
            ? staged
            : throw new LedgerDamagedException($"'{name}': expected commit {commit}, got {staged.Commit}");
    }

    /// <summary>Puts tiles, index and the rest, then the checkpoint, then takes away what they supersede.</summary>
    /// <exception cref="LedgerStoreException">Not all of it could be put; it must be done again before the next swap.</exception>
    public async ValueTask PublishAsync(StagedCommit staged, LedgerHead head, CancellationToken cancellationToken)
    {
        for (var i = 0; i < staged.Puts.Length; i += AtOnce)
        {
            var puts = staged.Puts.Skip(i).Take(AtOnce).Select(put => EnsureAsync(put.Name, put.Content, cancellationToken).AsTask());
            await Task.WhenAll(puts).ConfigureAwait(false);
        }

        await AdvanceCheckpointAsync(head, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(staged.Deletes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes blobs away, as far as the store lets it: what stays is litter and does no harm.</summary>
    public async ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < names.Count; i += AtOnce)
            {
                await Task.WhenAll(
                    names.Skip(i).Take(AtOnce).Select(name => store.DeleteAsync(name, cancellationToken).AsTask())).ConfigureAwait(false);
            }
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.LitterLeft(logger, negotiation, e.Message);
        }
    }

    /// <summary>
    /// Deletes staging blobs that no head will name any more: those of the head's commit or before, the head's own aside.
    /// </summary>
    public async ValueTask CollectAsync(LedgerHead head, CancellationToken cancellationToken)
    {
        var garbage = new List<string>();
        var prefix = LedgerPaths.StagingPrefix(negotiation);
        await foreach (var name in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (!LedgerPaths.TryParseStagingName(name.AsSpan(prefix.Length), out var commit, out _)) continue;
            if (commit <= head.State.Commit && name[prefix.Length..] != head.Staging) garbage.Add(name);
        }

        await DeleteAsync(garbage, cancellationToken).ConfigureAwait(false);
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
