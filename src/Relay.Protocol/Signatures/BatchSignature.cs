using System.Buffers.Binary;
using System.Security.Cryptography;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>
/// A signature of algorithm <see cref="JwsAlgorithm.MTES256"/> as read: one of many under one ES256 signature over the root of a tree.
/// Well formed, but not verified: <see cref="VerificationKey.Verify"/> does that. A view of the bytes it was read from.
/// </summary>
/// <remarks>
/// <para>References: RFC 6962 sections 2.1 and 2.1.1 (tree and path), RFC 7518 section 3.4 (ES256), draft-ietf-tls-batch-signing (the way
/// of doing it, and the blinder).</para>
/// <code>
///  0  version 0x01            9  blinder, 32 bytes               41 + 32 n  ES256 signature over the root, 64 bytes
///  1  tree size, u32 BE      41  path, n hashes of 32 bytes
///  5  leaf index, u32 BE         as RFC 6962 has it
/// leaf   = SHA-256(0x00 | blinder | SHA-256(JWS signing input))       node = SHA-256(0x01 | left | right)
/// signed = "relay-batch/v1\n" | tree size u32 BE | root
/// </code>
/// </remarks>
public readonly ref struct BatchSignature
{
    /// <summary>Most leaves of a tree: 4,096.</summary>
    public const int MaxLeaves = 4096;

    /// <summary>Bytes of a blinder: 32.</summary>
    public const int BlinderSize = 32;

    /// <summary>Longest value: 489 bytes, with a path of 12 hashes.</summary>
    public const int MaxBytes = PathStart + (MaxPath * Digest.Size) + SignatureSize;

    internal const byte Version = 1;
    internal const int SignatureSize = 64;
    internal const int SignedSize = 15 + sizeof(uint) + Digest.Size;

    private const int MaxPath = 12;
    private const int BlinderStart = 1 + (2 * sizeof(uint));
    private const int PathStart = BlinderStart + BlinderSize;

    private readonly ReadOnlySpan<byte> _value;

    private BatchSignature(ReadOnlySpan<byte> value, int treeSize, int index)
    {
        _value = value;
        TreeSize = treeSize;
        Index = index;
    }

    /// <summary>Leaves of the tree, 1 to <see cref="MaxLeaves"/>.</summary>
    public int TreeSize { get; }

    /// <summary>Which of them this is, from 0.</summary>
    public int Index { get; }

    /// <summary>32 random bytes, without which nobody can tell from a neighbour's path what this leaf is of.</summary>
    public ReadOnlySpan<byte> Blinder => _value.Slice(BlinderStart, BlinderSize);

    /// <summary>The ES256 signature over the root, r then s, 64 bytes.</summary>
    public ReadOnlySpan<byte> RootSignature => _value[^SignatureSize..];

    /// <summary>Hashes of the path, the leaf's sibling first, 32 bytes each.</summary>
    internal ReadOnlySpan<byte> Path => _value[PathStart..^SignatureSize];

    private static ReadOnlySpan<byte> Context => "relay-batch/v1\n"u8;

    /// <summary>
    /// Reads a value; never throws. One text per value: version 1, a size and an index that fit, a path exactly as long as they make it,
    /// and nothing behind the signature.
    /// </summary>
    /// <param name="value">The decoded <c>signature</c>; the result looks at it.</param>
    /// <param name="signature">Default when false.</param>
    public static bool TryRead(ReadOnlySpan<byte> value, out BatchSignature signature)
    {
        signature = default;
        if (value.Length is < PathStart + SignatureSize or > MaxBytes || value[0] != Version) return false;
        var size = BinaryPrimitives.ReadUInt32BigEndian(value[1..]);
        var index = BinaryPrimitives.ReadUInt32BigEndian(value[(1 + sizeof(uint))..]);
        if (size is 0 or > MaxLeaves || index >= size) return false;
        if (value.Length != PathStart + (MerkleProof.InclusionLength(index, size) * Digest.Size) + SignatureSize) return false;
        signature = new BatchSignature(value, (int)size, (int)index);
        return true;
    }

    /// <summary>The root that the path leads to from what was signed.</summary>
    /// <param name="inputHash">SHA-256 of the JWS signing input, 32 bytes.</param>
    public Digest FindRoot(ReadOnlySpan<byte> inputHash)
    {
        Span<Digest> path = stackalloc Digest[MaxPath];
        path = path[..(Path.Length / Digest.Size)];
        for (var i = 0; i < path.Length; i++)
        {
            path[i] = new Digest(Path.Slice(i * Digest.Size, Digest.Size));
        }
        return MerkleProof.TryFoldInclusion(Leaf(Blinder, inputHash), Index, TreeSize, path, out var root)
            ? root
            : throw new InvalidOperationException("Expected a path as long as index and size make it, which was checked on reading.");
    }

    internal static Digest Leaf(ReadOnlySpan<byte> blinder, ReadOnlySpan<byte> inputHash)
    {
        Span<byte> leaf = stackalloc byte[BlinderSize + SHA256.HashSizeInBytes];
        blinder.CopyTo(leaf);
        inputHash.CopyTo(leaf[BlinderSize..]);
        return MerkleHash.Leaf(leaf);
    }

    /// <summary>
    /// Hash of what the key signs: context, size, root. No signing input of a JWS has a newline or a slash in it, and where a checkpoint
    /// has its size in digits this has zeros.
    /// </summary>
    internal static void HashSigned(int treeSize, in Digest root, Span<byte> hash)
    {
        Span<byte> signed = stackalloc byte[SignedSize];
        Context.CopyTo(signed);
        BinaryPrimitives.WriteUInt32BigEndian(signed[Context.Length..], (uint)treeSize);
        root.CopyTo(signed[(Context.Length + sizeof(uint))..]);
        SHA256.HashData(signed, hash);
    }

    internal static byte[] Write(
        int treeSize, int index, ReadOnlySpan<byte> blinder, ReadOnlySpan<Digest> path, ReadOnlySpan<byte> rootSignature)
    {
        var value = new byte[PathStart + (path.Length * Digest.Size) + SignatureSize];
        value[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(1), (uint)treeSize);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(1 + sizeof(uint)), (uint)index);
        blinder.CopyTo(value.AsSpan(BlinderStart));
        for (var i = 0; i < path.Length; i++)
        {
            path[i].CopyTo(value.AsSpan(PathStart + (i * Digest.Size)));
        }
        rootSignature.CopyTo(value.AsSpan(value.Length - SignatureSize));
        return value;
    }
}
