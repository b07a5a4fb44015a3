using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// A tile of hashes as stored: its hashes one after another, 32 bytes each. Immutable as long as the bytes it was given are.
/// </summary>
/// <remarks>C2SP tlog-tiles, section "Merkle Tree".</remarks>
public sealed class HashTile
{
    private readonly ReadOnlyMemory<byte> _bytes;

    private HashTile(TileId id, ReadOnlyMemory<byte> bytes)
    {
        Id = id;
        _bytes = bytes;
    }

    /// <summary>Which tile it is.</summary>
    public TileId Id { get; }

    /// <summary>The bytes as stored: <c>Id.Width</c> times 32.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>One hash, from 0 to below <c>Id.Width</c>.</summary>
    public Digest this[int index] => new(_bytes.Span.Slice(index * Digest.Size, Digest.Size));

    /// <summary>Takes the bytes of a tile; kept, so they must not change afterwards.</summary>
    /// <param name="id">A tile of hashes, level 0 to 63.</param>
    /// <param name="bytes">Exactly its width times 32.</param>
    /// <param name="tile">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(TileId id, ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out HashTile? tile, out string error)
    {
        tile = null;
        error = "";
        if (id.Level < 0 || id.Width is < 1 or > TileId.FullWidth)
        {
            error = $"expected a tile of 1 to {TileId.FullWidth} hashes, got the name {id.Path}";
            return false;
        }
        if (bytes.Length != id.Width * Digest.Size)
        {
            error = $"expected {id.Width * Digest.Size} bytes in {id.Path}, got {bytes.Length}";
            return false;
        }
        tile = new HashTile(id, bytes);
        return true;
    }

    /// <summary>Makes a tile out of its hashes.</summary>
    /// <exception cref="ArgumentException">Not as many hashes as the tile is wide, or no tile of hashes.</exception>
    public static HashTile Create(TileId id, ReadOnlySpan<Digest> hashes)
    {
        var bytes = new byte[hashes.Length * Digest.Size];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Size));
        }
        return TryRead(id, bytes, out var tile, out var error) ? tile : throw new ArgumentException(error, nameof(hashes));
    }

    /// <summary>Makes the tile of a tree; null when <paramref name="nodes"/> lacks a hash.</summary>
    public static HashTile? Create(TileId id, IMerkleNodes nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        Span<Digest> hashes = stackalloc Digest[TileId.FullWidth];
        for (var i = 0; i < id.Width; i++)
        {
            if (!nodes.TryGet(id.Level * TileId.Height, id.Index * TileId.FullWidth + i, out hashes[i])) return null;
        }
        return Create(id, hashes[..id.Width]);
    }

    /// <summary>Root of the full subtree of <c>2^level</c> neighbouring hashes.</summary>
    /// <param name="level">0 (one of the hashes) to 8 (the root of a full tile).</param>
    /// <param name="index">Place from the left among the subtrees of this level within the tile.</param>
    /// <param name="hash">The root when true.</param>
    /// <returns>False when the tile does not reach that far.</returns>
    public bool TryNode(int level, int index, out Digest hash)
    {
        hash = default;
        if (level is < 0 or > TileId.Height || index < 0 || index >= Id.Width >> level) return false;
        Span<Digest> row = stackalloc Digest[1 << level];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = this[(index << level) + i];
        }
        for (var width = row.Length / 2; width > 0; width /= 2)
        {
            for (var i = 0; i < width; i++)
            {
                row[i] = MerkleHash.Node(row[2 * i], row[2 * i + 1]);
            }
        }
        hash = row[0];
        return true;
    }
}
