using System.Collections.Immutable;
using System.Numerics;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// Proofs that an entry is in a tree and that a tree extends another: made from a hash source, checked from hashes alone.
/// </summary>
/// <remarks>
/// References: RFC 6962 sections 2.1.1 and 2.1.2 (what a proof holds), RFC 9162 sections 2.1.3.2 and 2.1.4.2 (how it is checked).
/// </remarks>
public static class MerkleProof
{
    /// <summary>Most hashes of one proof over a tree of <see cref="MerkleHash.MaxSize"/>: 54.</summary>
    public const int MaxHashes = 54;

    /// <summary>Root of the tree of the first <paramref name="size"/> entries.</summary>
    /// <returns>False when <paramref name="nodes"/> lacks a hash, or the size is out of range.</returns>
    public static bool TryRoot(IMerkleNodes nodes, long size, out Digest root)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        root = MerkleHash.Empty;
        return size == 0 || (size is > 0 and <= MerkleHash.MaxSize && TryHash(nodes, 0, size, out root));
    }

    /// <summary>
    /// Proof that entry <paramref name="index"/> is in the tree of <paramref name="size"/> entries, the leaf's sibling first.
    /// </summary>
    /// <returns>False when <paramref name="nodes"/> lacks a hash, or index or size is out of range.</returns>
    public static bool TryBuildInclusion(IMerkleNodes nodes, long index, long size, out ImmutableArray<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        proof = default;
        if (index < 0 || index >= size || size > MerkleHash.MaxSize) return false;
        Span<(long, long)> ranges = stackalloc (long, long)[MaxHashes];
        var count = 0;
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            var middle = low + Split(high - low);
            ranges[count++] = index < middle ? (middle, high) : (low, middle);
            (low, high) = index < middle ? (low, middle) : (middle, high);
        }
        return TryHash(nodes, ranges[..count], out proof);
    }

    /// <summary>
    /// Proof that the tree of <paramref name="second"/> entries begins with the
    /// tree of <paramref name="first"/>; empty from 0 and between equal sizes.
    /// </summary>
    /// <returns>False when <paramref name="nodes"/> lacks a hash, or a size is out of range.</returns>
    public static bool TryBuildConsistency(IMerkleNodes nodes, long first, long second, out ImmutableArray<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        proof = default;
        if (first < 0 || first > second || second > MerkleHash.MaxSize) return false;
        proof = [];
        if (first == 0 || first == second) return true;
        Span<(long, long)> ranges = stackalloc (long, long)[MaxHashes];
        var count = 0;
        var (low, high) = (0L, second);
        while (high != first)
        {
            var middle = low + Split(high - low);
            ranges[count++] = first <= middle ? (middle, high) : (low, middle);
            (low, high) = first <= middle ? (low, middle) : (middle, high);
        }
        // The checker holds the first tree's root; any smaller subtree that both share must be told.
        if (low > 0) ranges[count++] = (low, high);
        return TryHash(nodes, ranges[..count], out proof);
    }

    /// <summary>How many hashes the proof of entry <paramref name="index"/> in a tree of <paramref name="size"/> entries has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Index or size out of range.</exception>
    public static int InclusionLength(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MerkleHash.MaxSize);
        // Below where the ways of this entry and of the last one meet, a sibling at each level; above, one for each full left subtree.
        var below = BitOperations.Log2((ulong)(index ^ (size - 1)) << 1 | 1);
        return below + BitOperations.PopCount((ulong)(index >> below));
    }

    /// <summary>True when <paramref name="proof"/> leads from the leaf to the root, every hash of it used.</summary>
    public static bool VerifyInclusion(in Digest leafHash, long index, long size, ReadOnlySpan<Digest> proof, in Digest root) =>
        TryFoldInclusion(leafHash, index, size, proof, out var found) && found == root;

    /// <summary>The root that <paramref name="proof"/> leads to from the leaf, every hash of it used.</summary>
    /// <returns>False when index or size is out of range, or the proof is not as long as they make it.</returns>
    public static bool TryFoldInclusion(in Digest leafHash, long index, long size, ReadOnlySpan<Digest> proof, out Digest root)
    {
        root = leafHash;
        if (index < 0 || index >= size || size > MerkleHash.MaxSize) return false;
        var (node, last) = (index, size - 1);
        foreach (ref readonly var sibling in proof)
        {
            if (last == 0) return false;
            if (IsRight(node) || node == last)
            {
                root = MerkleHash.Node(sibling, root);
                SkipLoneNodes(ref node, ref last);
            }
            else
            {
                root = MerkleHash.Node(root, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0;
    }

    /// <summary>
    /// True when <paramref name="proof"/> shows that the second tree begins with the
    /// first, every hash of it used. From size 0 the proof is empty and the first root
    /// that of the empty tree; between equal sizes it is empty and the roots are equal.
    /// </summary>
    public static bool VerifyConsistency(long first, in Digest firstRoot, long second, in Digest secondRoot, ReadOnlySpan<Digest> proof)
    {
        if (first < 0 || first > second || second > MerkleHash.MaxSize) return false;
        if (second == 0 && secondRoot != MerkleHash.Empty) return false;
        if (first == 0) return proof.IsEmpty && firstRoot == MerkleHash.Empty;
        if (first == second) return proof.IsEmpty && firstRoot == secondRoot;
        if (proof.IsEmpty) return false;
        var (node, last) = (first - 1, second - 1);
        while (IsRight(node))
        {
            node >>= 1;
            last >>= 1;
        }
        // A first tree that is full is itself the subtree both share.
        var isFull = BitOperations.IsPow2(first);
        var firstHash = isFull ? firstRoot : proof[0];
        var secondHash = firstHash;
        foreach (ref readonly var hash in isFull ? proof : proof[1..])
        {
            if (last == 0) return false;
            if (IsRight(node) || node == last)
            {
                firstHash = MerkleHash.Node(hash, firstHash);
                secondHash = MerkleHash.Node(hash, secondHash);
                SkipLoneNodes(ref node, ref last);
            }
            else
            {
                secondHash = MerkleHash.Node(secondHash, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && firstHash == firstRoot && secondHash == secondRoot;
    }

    /// <summary>Tiles to have at hand before <see cref="TryBuildInclusion"/> over <see cref="TiledNodes"/>; distinct.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Index or size out of range.</exception>
    public static ImmutableArray<TileId> InclusionTiles(long index, long size)
    {
        var recorder = new TileRecorder(size);
        return TryBuildInclusion(recorder, index, size, out _)
            ? recorder.ToTiles()
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected an entry of a tree of {size}.");
    }

    /// <summary>Tiles to have at hand before <see cref="TryBuildConsistency"/> over <see cref="TiledNodes"/>; distinct.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static ImmutableArray<TileId> ConsistencyTiles(long first, long second)
    {
        var recorder = new TileRecorder(second);
        return TryBuildConsistency(recorder, first, second, out _)
            ? recorder.ToTiles()
            : throw new ArgumentOutOfRangeException(nameof(first), first, $"Expected a size from 0 to {second}.");
    }

    /// <summary>
    /// Tiles to have at hand before <see cref="TryRoot"/> over <see cref="TiledNodes"/>,
    /// for the root that a tree had when it was smaller; distinct.
    /// </summary>
    /// <param name="first">The smaller size.</param>
    /// <param name="second">The tree's size.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size out of range.</exception>
    public static ImmutableArray<TileId> RootTiles(long first, long second)
    {
        var recorder = new TileRecorder(second);
        return first <= second && TryRoot(recorder, first, out _)
            ? recorder.ToTiles()
            : throw new ArgumentOutOfRangeException(nameof(first), first, $"Expected a size from 0 to {second}.");
    }

    /// <summary>Largest power of two below <paramref name="count"/>, which is at least 2.</summary>
    private static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private static bool IsRight(long node) => (node & 1) == 1;

    // A last node without a right neighbour rises unhashed until it is a right child.
    private static void SkipLoneNodes(ref long node, ref long last)
    {
        while (!IsRight(node) && node != 0)
        {
            node >>= 1;
            last >>= 1;
        }
    }

    // Ranges come from the root down; a proof is read from the leaf up.
    private static bool TryHash(IMerkleNodes nodes, ReadOnlySpan<(long Low, long High)> ranges, out ImmutableArray<Digest> proof)
    {
        var builder = ImmutableArray.CreateBuilder<Digest>(ranges.Length);
        proof = default;
        for (var i = ranges.Length - 1; i >= 0; i--)
        {
            if (!TryHash(nodes, ranges[i].Low, ranges[i].High, out var hash)) return false;
            builder.Add(hash);
        }
        proof = builder.MoveToImmutable();
        return true;
    }

    // Low is a multiple of the largest power of two in the length, so the range falls into full subtrees, the smallest at the right.
    private static bool TryHash(IMerkleNodes nodes, long low, long high, out Digest hash)
    {
        var level = BitOperations.TrailingZeroCount(high - low);
        var end = high - (1L << level);
        if (!nodes.TryGet(level, end >> level, out hash)) return false;
        while (end > low)
        {
            level = BitOperations.TrailingZeroCount(end - low);
            end -= 1L << level;
            if (!nodes.TryGet(level, end >> level, out var left)) return false;
            hash = MerkleHash.Node(left, hash);
        }
        return true;
    }
}
