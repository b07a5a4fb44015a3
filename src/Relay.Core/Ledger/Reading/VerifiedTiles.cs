using System.Collections.Immutable;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// The hash tiles of one tree, each verified up to the root of a signed checkpoint
/// before it is used. For one request; full tiles that verified may be kept for others.
/// </summary>
/// <remarks>
/// The partial tiles at the right edge determine the root, so they verify together; a
/// full tile's own root stands in the tile above it, which is verified first.
/// </remarks>
internal sealed class VerifiedTiles(PublishedBlobs blobs, Checkpoint checkpoint, TileCache cache)
{
    private readonly Dictionary<TileId, HashTile> _verified = [];
    private bool _edgeVerified;

    /// <summary>The tile of a place as it is in the checkpoint's tree.</summary>
    /// <param name="tile">From <see cref="TileId.Of"/> with the checkpoint's size, or what <see cref="MerkleProof"/> asks for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<LedgerRead<HashTile>> GetAsync(TileId tile, CancellationToken cancellationToken)
    {
        if (_verified.TryGetValue(tile, out var verified)) return verified;
        if (!tile.IsFull)
        {
            if (await VerifyEdgeAsync(cancellationToken).ConfigureAwait(false) is { } failure) return failure;
            return _verified.TryGetValue(tile, out var edge)
                ? edge
                : new LedgerReadFailure(LedgerReadStatus.Absent, $"expected a tile of the tree of size {checkpoint.Size}, got {tile.Path}");
        }

        if (cache.Find(checkpoint.Origin, tile) is { } cached) return _verified[tile] = cached;
        var parentId = TileId.Of(tile.Level + 1, tile.Index >> TileId.Height, checkpoint.Size);
        var parent = await GetAsync(parentId, cancellationToken).ConfigureAwait(false);
        if (!parent.IsFound) return parent.Failure;
        var root = parent.Value[(int)(tile.Index & (TileId.FullWidth - 1))];
        var read = await LoadAsync(tile, cancellationToken).ConfigureAwait(false);
        if (!HasRoot(read, root)) read = await RebuildAsync(tile, cancellationToken).ConfigureAwait(false);
        if (!read.IsFound) return read.Failure;
        if (!HasRoot(read, root))
        {
            return new LedgerReadFailure(
                LedgerReadStatus.Damaged, $"expected {tile.Path} to have the root that {parentId.Path} holds for it, got another");
        }
        cache.Add(checkpoint.Origin, read.Value);
        return _verified[tile] = read.Value;
    }

    /// <summary>The tiles that a proof reads, verified.</summary>
    /// <returns>Null when all are at hand; else why one is not.</returns>
    public async ValueTask<LedgerReadFailure?> NeedAsync(ImmutableArray<TileId> tiles, CancellationToken cancellationToken)
    {
        foreach (var tile in tiles)
        {
            var read = await GetAsync(tile, cancellationToken).ConfigureAwait(false);
            if (!read.IsFound) return read.Failure;
        }

        return null;
    }

    /// <summary>What has been verified so far, as a source of hashes.</summary>
    public IMerkleNodes Nodes => new TiledNodes(checkpoint.Size, id => _verified.GetValueOrDefault(id));

    /// <summary>The right edge of the tree: every partial tile.</summary>
    public async ValueTask<LedgerReadFailure?> VerifyEdgeAsync(CancellationToken cancellationToken)
    {
        if (_edgeVerified) return null;
        var edge = new Dictionary<TileId, HashTile>();
        LedgerReadFailure? missing = null;
        foreach (var tile in EdgeTiles())
        {
            var read = await LoadAsync(tile, cancellationToken).ConfigureAwait(false);
            if (!read.IsFound) missing = read.Failure;
            else edge[tile] = read.Value;
        }

        if (missing is not null || !LeadsToRoot(edge))
        {
            if (missing is { Status: LedgerReadStatus.Unavailable } failure) return failure;
            if (!await MendEdgeAsync(edge, cancellationToken).ConfigureAwait(false))
            {
                return new LedgerReadFailure(
                    LedgerReadStatus.Damaged,
                    $"expected the newest tiles to lead to the root of the checkpoint at size {checkpoint.Size}, they lead elsewhere");
            }
        }

        foreach (var (id, tile) in edge) _verified[id] = tile;
        _edgeVerified = true;
        return null;
    }

    private static bool HasRoot(LedgerRead<HashTile> read, Digest root) =>
        read.IsFound && read.Value.TryNode(TileId.Height, 0, out var own) && own == root;

    private IEnumerable<TileId> EdgeTiles()
    {
        for (var level = 0; checkpoint.Size >> (level * TileId.Height) is > 0 and var hashes; level++)
        {
            if (hashes % TileId.FullWidth != 0) yield return TileId.Of(level, (hashes - 1) >> TileId.Height, checkpoint.Size);
        }
    }

    private bool LeadsToRoot(Dictionary<TileId, HashTile> edge) =>
        MerkleProof.TryRoot(new TiledNodes(checkpoint.Size, id => edge.GetValueOrDefault(id)), checkpoint.Size, out var root)
            && root == checkpoint.Root;

    // Every tile is told twice, by itself and by what lies below it: one that is damaged is made anew, first alone, then all of them.
    private async ValueTask<bool> MendEdgeAsync(Dictionary<TileId, HashTile> edge, CancellationToken cancellationToken)
    {
        var rebuilt = new List<HashTile>();
        foreach (var tile in EdgeTiles().ToList())
        {
            var read = await RebuildAsync(tile, cancellationToken).ConfigureAwait(false);
            if (!read.IsFound) continue;
            rebuilt.Add(read.Value);
            var stored = edge.GetValueOrDefault(tile);
            edge[tile] = read.Value;
            if (LeadsToRoot(edge)) return true;
            if (stored is not null) edge[tile] = stored;
        }

        foreach (var tile in rebuilt) edge[tile.Id] = tile;
        return LeadsToRoot(edge);
    }

    // From the entries under a tile of leaves, or the tiles under any other. Nothing of it is verified; the caller holds it against a root.
    private async ValueTask<LedgerRead<HashTile>> RebuildAsync(TileId tile, CancellationToken cancellationToken)
    {
        var hashes = new Digest[tile.Width];
        if (tile.Level == 0)
        {
            var (read, width) = await blobs.TileAsync(tile with { Level = TileId.EntriesLevel }, cancellationToken).ConfigureAwait(false);
            if (!read.IsFound) return read.Failure;
            if (!EntryBundle.TryRead(read.Value.Content, width, out var entries, out var error))
            {
                return new LedgerReadFailure(LedgerReadStatus.Damaged, error);
            }
            for (var i = 0; i < hashes.Length; i++) hashes[i] = MerkleHash.Leaf(entries[i].Span);
            return HashTile.Create(tile, hashes);
        }

        for (var i = 0; i < hashes.Length; i++)
        {
            var child = await LoadAsync(
                new TileId(tile.Level - 1, tile.Index * TileId.FullWidth + i, TileId.FullWidth), cancellationToken).ConfigureAwait(false);
            if (!child.IsFound) return child.Failure;
            child.Value.TryNode(TileId.Height, 0, out hashes[i]);
        }

        return HashTile.Create(tile, hashes);
    }

    private async ValueTask<LedgerRead<HashTile>> LoadAsync(TileId tile, CancellationToken cancellationToken)
    {
        var (read, width) = await blobs.TileAsync(tile, cancellationToken).ConfigureAwait(false);
        if (!read.IsFound)
        {
            return read.Status == LedgerReadStatus.Absent
                ? new LedgerReadFailure(LedgerReadStatus.Damaged, $"expected {tile.Path} of a published tree, there is none")
                : read.Failure;
        }
        if (!HashTile.TryRead(tile with { Width = width }, read.Value.Content, out var stored, out var error))
        {
            return new LedgerReadFailure(LedgerReadStatus.Damaged, error);
        }
        if (width == tile.Width) return stored;
        return HashTile.TryRead(tile, stored.Bytes[..(tile.Width * Digest.Size)], out var cut, out error)
            ? cut
            : new LedgerReadFailure(LedgerReadStatus.Damaged, error);
    }
}
