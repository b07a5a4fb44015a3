using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// A whole tree in memory, about 64 bytes an entry: for tests, tools and small
/// logs. A ledger that grows uses <see cref="CompactRange"/> and tiles.
/// </summary>
public sealed class MerkleTree : IMerkleNodes
{
    // Full subtrees only: level 0 holds the leaf hashes, each further level the pairs of the one below.
    private readonly List<List<Digest>> _levels = [[]];
    private readonly CompactRange _range = new();

    /// <summary>Entries appended so far.</summary>
    public long Size => _range.Size;

    /// <summary>Adds one leaf hash at the right.</summary>
    public void Append(in Digest leafHash)
    {
        _range.Append(leafHash);
        var hash = leafHash;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count) _levels.Add([]);
            var row = _levels[level];
            row.Add(hash);
            if (row.Count % 2 != 0) return;
            hash = MerkleHash.Node(row[^2], hash);
        }
    }

    /// <summary>Root of the tree as it is.</summary>
    public Digest Root() => _range.Root();

    /// <summary>Root of the tree when it had <paramref name="size"/> entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than <see cref="Size"/>.</exception>
    public Digest Root(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return MerkleProof.TryRoot(this, size, out var root)
            ? root
            : throw new InvalidOperationException("Expected every full subtree to be held, one is absent.");
    }

    /// <inheritdoc/>
    public bool TryGet(int level, long index, out Digest hash)
    {
        var found = (uint)level < (uint)_levels.Count && (ulong)index < (ulong)_levels[level].Count;
        hash = found ? _levels[level][(int)index] : default;
        return found;
    }
}
