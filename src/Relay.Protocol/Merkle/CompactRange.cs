using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// A tree reduced to what appending needs: the roots of its full subtrees,
/// one for each bit set in its size. Holds no entries and proves nothing
/// by itself. Not for concurrent use.
/// </summary>
/// <remarks>Serialised as size u64 big endian, then the roots of 32 bytes each, the largest (leftmost) subtree first.</remarks>
public sealed class CompactRange
{
    /// <summary>Longest serialised form in bytes: 8 + 53 * 32.</summary>
    public const int MaxBytes = SizeBytes + MaxRoots * Digest.Size;

    private const int SizeBytes = 8;
    private const int MaxRoots = 53;
    private const int RootsAhead = 4;

    // Largest subtree first; as many are in use as Size has bits set. No longer than needed: a process has one for each ledger at hand.
    private Digest[] _roots = [];

    /// <summary>Entries appended so far, 0 to <see cref="MerkleHash.MaxSize"/>.</summary>
    public long Size { get; private set; }

    /// <summary>Roots of the full subtrees, the largest first.</summary>
    public ReadOnlySpan<Digest> Roots => _roots.AsSpan(0, Count(Size));

    /// <summary>Adds one leaf hash at the right. Hashes as many nodes as the size has trailing one bits.</summary>
    /// <exception cref="InvalidOperationException">The tree has <see cref="MerkleHash.MaxSize"/> entries.</exception>
    public void Append(in Digest leafHash)
    {
        if (Size == MerkleHash.MaxSize)
        {
            throw new InvalidOperationException($"Expected fewer than {MerkleHash.MaxSize} entries, the tree is full.");
        }
        var count = Count(Size);
        var hash = leafHash;
        for (var bits = Size; (bits & 1) == 1; bits >>= 1)
        {
            hash = MerkleHash.Node(_roots[--count], hash);
        }
        if (count == _roots.Length) Array.Resize(ref _roots, Math.Min(MaxRoots, count + RootsAhead));
        _roots[count] = hash;
        Size++;
    }

    /// <summary>Root of the tree (RFC 6962 section 2.1).</summary>
    public Digest Root()
    {
        var roots = Roots;
        if (roots.IsEmpty) return MerkleHash.Empty;
        var hash = roots[^1];
        for (var i = roots.Length - 2; i >= 0; i--)
        {
            hash = MerkleHash.Node(roots[i], hash);
        }
        return hash;
    }

    /// <summary>An independent copy.</summary>
    public CompactRange Clone()
    {
        var copy = new CompactRange { Size = Size, _roots = new Digest[Math.Min(MaxRoots, Roots.Length + 1)] };
        Roots.CopyTo(copy._roots);
        return copy;
    }

    /// <summary>The serialised form in a new array.</summary>
    public byte[] ToBytes()
    {
        var roots = Roots;
        var bytes = new byte[SizeBytes + roots.Length * Digest.Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Size);
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i].CopyTo(bytes.AsSpan(SizeBytes + i * Digest.Size));
        }
        return bytes;
    }

    /// <summary>Reads the serialised form; whether the hashes are those of any tree is for a root or checkpoint to tell.</summary>
    /// <param name="bytes">Exactly one serialised range.</param>
    /// <param name="range">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CompactRange? range, out string error)
    {
        range = null;
        var size = bytes.Length < SizeBytes ? -1 : BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (size is < 0 or > MerkleHash.MaxSize)
        {
            error = $"expected a size from 0 to {MerkleHash.MaxSize} in {SizeBytes} bytes, got something else";
            return false;
        }
        var expected = SizeBytes + Count(size) * Digest.Size;
        if (bytes.Length != expected)
        {
            error = $"expected {expected} bytes for size {size}, got {bytes.Length}";
            return false;
        }
        range = new CompactRange { Size = size, _roots = new Digest[Count(size)] };
        for (var i = 0; i < Count(size); i++)
        {
            range._roots[i] = new Digest(bytes.Slice(SizeBytes + i * Digest.Size, Digest.Size));
        }
        error = "";
        return true;
    }

    private static int Count(long size) => BitOperations.PopCount((ulong)size);
}
