using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// Hashes of a tree of one size out of its tiles. Says what the tiles say:
/// whether they fit a checkpoint is for the proof's or root's check.
/// </summary>
/// <param name="size">Entries of the tree.</param>
/// <param name="find">The tile, or null when it is not at hand; asked for exactly
/// those of <see cref="MerkleProof.InclusionTiles"/> and its like.</param>
public sealed class TiledNodes(long size, Func<TileId, HashTile?> find) : IMerkleNodes
{
    /// <inheritdoc/>
    public bool TryGet(int level, long index, out Digest hash)
    {
        hash = default;
        if (level is < 0 or > 52 || index < 0 || index >= size >> level) return false;
        var inTile = level % TileId.Height;
        var tile = TileId.Of(level / TileId.Height, index >> (TileId.Height - inTile), size);
        return find(tile) is { } found
            && found.Id == tile
            && found.TryNode(inTile, (int)(index & ((1L << (TileId.Height - inTile)) - 1)), out hash);
    }
}
