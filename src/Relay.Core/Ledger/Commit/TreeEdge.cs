using System.Runtime.InteropServices;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// The right edge of a tree: the tiles and the bundle that are not full, and those filled
/// since it was last trimmed. What appending writes and what proofs of new entries
/// need is all in it. Not for concurrent use.
/// </summary>
internal sealed class TreeEdge : IMerkleNodes
{
    private const int Ahead = 4;

    private readonly Dictionary<(int Level, long Index), List<Digest>> _tiles = [];
    private readonly Dictionary<long, List<ReadOnlyMemory<byte>>> _bundles = [];

    // Roots of full subtrees between tile levels, as asked for.
    private readonly Dictionary<(int Level, long Index), Digest> _memo = [];

    /// <summary>Entries in the tree.</summary>
    public long Size { get; private set; }

    /// <summary>
    /// An edge out of the tiles of a tree, which must be those of its right side: one for each level that is not full there.
    /// </summary>
    public static TreeEdge Of(long size, IEnumerable<HashTile> tiles, IReadOnlyList<ReadOnlyMemory<byte>> bundle)
    {
        var edge = new TreeEdge { Size = size };
        foreach (var tile in tiles)
        {
            edge._tiles[(tile.Id.Level, tile.Id.Index)] = [.. Enumerable.Range(0, tile.Id.Width).Select(i => tile[i])];
        }

        if (bundle.Count > 0) edge._bundles[size / TileId.FullWidth] = [.. bundle];
        return edge;
    }

    /// <summary>The names of the tiles that <see cref="Of"/> wants.</summary>
    public static IEnumerable<TileId> TilesOf(long size)
    {
        for (var level = 0; Hashes(level, size) > 0; level++)
        {
            var hashes = Hashes(level, size);
            if (hashes % TileId.FullWidth != 0) yield return TileId.Of(level, hashes / TileId.FullWidth, size);
        }
    }

    /// <summary>An independent copy.</summary>
    public TreeEdge Clone()
    {
        var copy = new TreeEdge { Size = Size };
        foreach (var (id, hashes) in _tiles)
        {
            copy._tiles[id] = CopyOf(hashes);
        }

        foreach (var (index, entries) in _bundles)
        {
            copy._bundles[index] = CopyOf(entries);
        }

        return copy;
    }

    // With room for some more, which is what a copy is made for.
    private static List<T> CopyOf<T>(List<T> items)
    {
        var copy = new List<T>(items.Count + Ahead);
        copy.AddRange(items);
        return copy;
    }

    /// <summary>Adds an entry at the right.</summary>
    public void Append(ReadOnlyMemory<byte> text, in Digest leaf)
    {
        var bundle = Size / TileId.FullWidth;
        (CollectionsMarshal.GetValueRefOrAddDefault(_bundles, bundle, out _) ??= []).Add(text);
        AppendHash(0, Size, leaf);
        Size++;
    }

    /// <summary>The content of a tile of hashes; null when it is not at the edge.</summary>
    public ReadOnlyMemory<byte>? Tile(TileId id)
    {
        if (!_tiles.TryGetValue((id.Level, id.Index), out var hashes) || hashes.Count != id.Width) return null;
        return HashTile.Create(id, CollectionsMarshal.AsSpan(hashes)).Bytes;
    }

    /// <summary>The entries of a bundle; null when it is not at the edge.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Bundle(long index) => _bundles.GetValueOrDefault(index);

    /// <summary>Forgets what is full: nothing will be added to it.</summary>
    public void Trim()
    {
        foreach (var (id, hashes) in _tiles)
        {
            if (hashes.Count == TileId.FullWidth) _tiles.Remove(id);
        }

        foreach (var (index, entries) in _bundles)
        {
            if (entries.Count == TileId.FullWidth) _bundles.Remove(index);
        }

        _memo.Clear();
    }

    /// <inheritdoc/>
    public bool TryGet(int level, long index, out Digest hash)
    {
        if (_memo.TryGetValue((level, index), out hash)) return true;
        var (tileLevel, within) = (level / TileId.Height, level % TileId.Height);
        if (within == 0)
        {
            if (!_tiles.TryGetValue((tileLevel, index / TileId.FullWidth), out var hashes) || index % TileId.FullWidth >= hashes.Count)
            {
                return false;
            }
            hash = hashes[(int)(index % TileId.FullWidth)];
            return true;
        }

        if (!TryGet(level - 1, 2 * index, out var left) || !TryGet(level - 1, 2 * index + 1, out var right)) return false;
        hash = MerkleHash.Node(left, right);
        _memo[(level, index)] = hash;
        return true;
    }

    private static long Hashes(int level, long size) => level * TileId.Height > 62 ? 0 : size >> (level * TileId.Height);

    private void AppendHash(int level, long index, in Digest hash)
    {
        ref var hashes = ref CollectionsMarshal.GetValueRefOrAddDefault(_tiles, (level, index / TileId.FullWidth), out _);
        hashes ??= [];
        hashes.Add(hash);
        if (hashes.Count < TileId.FullWidth) return;
        var full = HashTile.Create(new TileId(level, index / TileId.FullWidth, TileId.FullWidth), CollectionsMarshal.AsSpan(hashes));
        full.TryNode(TileId.Height, 0, out var root);
        AppendHash(level + 1, index / TileId.FullWidth, root);
    }
}
