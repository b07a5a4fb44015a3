using System.Buffers;
using System.Security.Cryptography;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>Hashing of the ledger's Merkle tree: SHA-256, leaves and nodes told apart by their first byte.</summary>
/// <remarks>
/// References: RFC 6962 section 2.1, RFC 9162 section 2.1.1.
/// Parameters: leaf = SHA-256(0x00 | entry), node = SHA-256(0x01 | left | right), the empty tree SHA-256 of nothing; hashes of 32 bytes.
/// </remarks>
public static class MerkleHash
{
    /// <summary>Most entries of a tree: 2^53 - 1, the largest size that <c>seen</c> of an envelope can name.</summary>
    public const long MaxSize = (1L << 53) - 1;

    private const int StackBytes = 1024;

    /// <summary>Root of the tree without entries.</summary>
    public static Digest Empty { get; } = Digest.Of([]);

    /// <summary>Hash of one entry as a leaf.</summary>
    /// <param name="entry">Any bytes; empty is an entry too.</param>
    public static Digest Leaf(ReadOnlySpan<byte> entry)
    {
        var length = entry.Length + 1;
        var rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[StackBytes];
        buffer[0] = 0;
        entry.CopyTo(buffer[1..]);
        var hash = Digest.Of(buffer[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>Hash of two subtrees, the left of which is full.</summary>
    public static Digest Node(in Digest left, in Digest right)
    {
        Span<byte> buffer = stackalloc byte[1 + 2 * Digest.Size];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + Digest.Size)..]);
        Span<byte> hash = stackalloc byte[Digest.Size];
        SHA256.HashData(buffer, hash);
        return new Digest(hash);
    }
}
