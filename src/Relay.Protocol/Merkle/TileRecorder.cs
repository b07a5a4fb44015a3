using System.Collections.Immutable;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>Notes which tiles a proof would read; its hashes mean nothing.</summary>
internal sealed class TileRecorder(long size) : IMerkleNodes
{
    private readonly List<TileId> _tiles = [];

    public bool TryGet(int level, long index, out Digest hash)
    {
        hash = default;
        var tile = TileId.Of(level / TileId.Height, index >> (TileId.Height - level % TileId.Height), size);
        if (!_tiles.Contains(tile)) _tiles.Add(tile);
        return true;
    }

    public ImmutableArray<TileId> ToTiles() => [.. _tiles];
}
