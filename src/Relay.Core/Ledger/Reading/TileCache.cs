using Relay.Protocol.Merkle;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// Full hash tiles that have been verified; they never change. Bounded: at most 1,024 tiles of 8 KiB. Safe for concurrent use.
/// </summary>
internal sealed class TileCache
{
    private const int MaxTiles = 1_024;

    // Guards _tiles. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Origin, TileId Tile), HashTile> _tiles = [];

    public HashTile? Find(string origin, TileId tile)
    {
        lock (_gate)
        {
            return _tiles.GetValueOrDefault((origin, tile));
        }
    }

    public void Add(string origin, HashTile tile)
    {
        lock (_gate)
        {
            // Rare enough that the plainest rule will do: readers begin anew.
            if (_tiles.Count >= MaxTiles) _tiles.Clear();
            _tiles[(origin, tile.Id)] = tile;
        }
    }
}
