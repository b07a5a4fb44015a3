using System.Buffers.Binary;
using System.Security.Cryptography;
using Relay.Protocol.Sealing;

namespace Relay.Protocol.Tests.Sealing;

/// <summary>
/// One ciphertext and one tag of AES-GCM that open under two keys (Dodis, Grubbs, Ristenpart, Woodage, "Fast Message Franking",
/// CRYPTO 2018, section 4): with everything but one block fixed, the tags under both keys are equal where that block solves one linear
/// equation over GF(2^128).
/// </summary>
/// <remarks>
/// References: NIST SP 800-38D sections 6.3 (multiplication), 6.4 (GHASH), 7.1. Parameters: keys 32, IV 12, block 16 bytes.
/// </remarks>
internal static class Salamander
{
    public const int BlockSize = 16;

    /// <summary>Key stream of a message's block, from 0.</summary>
    public static byte[] KeyStream(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, int block) => Encrypt(key, Counter(iv, block + 2));

    /// <summary>Solves for the first block of <paramref name="ciphertext"/>, which it overwrites.</summary>
    /// <returns>The tag that fits under both keys.</returns>
    public static byte[] Solve(byte[] one, byte[] two, byte[] iv, byte[] associated, byte[] ciphertext)
    {
        ciphertext.AsSpan(0, BlockSize).Clear();
        UInt128[] blocks =
        [
            .. Blocks(associated), .. Blocks(ciphertext), ((UInt128)(ulong)associated.Length * 8 << 64) | ((ulong)ciphertext.Length * 8),
        ];
        var free = (associated.Length + BlockSize - 1) / BlockSize;
        var (first, second) = (Value(Encrypt(one, new byte[BlockSize])), Value(Encrypt(two, new byte[BlockSize])));
        var exponent = (UInt128)(blocks.Length - free);
        var masks = Value(Encrypt(one, Counter(iv, 1))) ^ Value(Encrypt(two, Counter(iv, 1)));
        var difference = Hash(first, blocks) ^ Hash(second, blocks) ^ masks;
        // x to the power 2^128 - 2 is the inverse of x.
        var inverse = Power(Power(first, exponent) ^ Power(second, exponent), UInt128.MaxValue - 1);
        blocks[free] = Multiply(difference, inverse);
        BinaryPrimitives.WriteUInt128BigEndian(ciphertext, blocks[free]);
        var tag = new byte[ContentCipher.TagSize];
        BinaryPrimitives.WriteUInt128BigEndian(tag, Hash(first, blocks) ^ Value(Encrypt(one, Counter(iv, 1))));
        return tag;
    }

    private static byte[] Encrypt(ReadOnlySpan<byte> key, byte[] block)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    private static byte[] Counter(ReadOnlySpan<byte> iv, int number)
    {
        var block = new byte[BlockSize];
        iv.CopyTo(block);
        BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(iv.Length), number);
        return block;
    }

    private static UInt128 Value(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt128BigEndian(block);

    private static IEnumerable<UInt128> Blocks(byte[] bytes) =>
        bytes.Chunk(BlockSize).Select(chunk => Value([.. chunk, .. new byte[BlockSize - chunk.Length]]));

    private static UInt128 Hash(UInt128 key, UInt128[] blocks) =>
        blocks.Aggregate(UInt128.Zero, (sum, block) => Multiply(sum ^ block, key));

    private static UInt128 Power(UInt128 value, UInt128 exponent)
    {
        // The element 1 has its bit leftmost.
        var result = UInt128.One << 127;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) == 1) result = Multiply(result, value);
            value = Multiply(value, value);
        }
        return result;
    }

    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        var product = UInt128.Zero;
        for (var bit = 127; bit >= 0; bit--)
        {
            if (((x >> bit) & 1) == 1) product ^= y;
            y = (y >> 1) ^ ((y & 1) == 1 ? (UInt128)0xe1 << 120 : 0);
        }
        return product;
    }
}
