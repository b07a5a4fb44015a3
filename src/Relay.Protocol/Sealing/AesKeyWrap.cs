using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Protocol.Sealing;

/// <summary>AES Key Wrap, which the platform does not offer.</summary>
/// <remarks>
/// References: RFC 3394 sections 2.2.1, 2.2.2 (index-based form), 2.2.3.1 (initial value); NIST SP 800-38F.
/// Parameters: key-encryption key 16, 24 or 32 bytes; plaintext a multiple of 8, at least 16 bytes; output 8 bytes longer.
/// </remarks>
internal static class AesKeyWrap
{
    private const int Half = 8;
    private const int Rounds = 6;
    private const int MaxPlaintext = 4096;
    private const ulong InitialValue = 0xa6a6a6a6a6a6a6a6;

    public static byte[] Wrap(ReadOnlySpan<byte> keyEncryptionKey, ReadOnlySpan<byte> plaintext)
    {
        if (plaintext.Length % Half != 0 || plaintext.Length is < 2 * Half or > MaxPlaintext)
        {
            throw new ArgumentException(
                $"Expected a multiple of {Half} from {2 * Half} to {MaxPlaintext} bytes, got {plaintext.Length}.", nameof(plaintext));
        }
        var wrapped = new byte[plaintext.Length + Half];
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, InitialValue);
        plaintext.CopyTo(wrapped.AsSpan(Half));
        Span<byte> block = stackalloc byte[2 * Half];
        using var aes = Aes.Create();
        aes.SetKey(keyEncryptionKey);
        ulong t = 0;
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = Half; i < wrapped.Length; i += Half)
            {
                t++;
                wrapped.AsSpan(0, Half).CopyTo(block);
                wrapped.AsSpan(i, Half).CopyTo(block[Half..]);
                aes.EncryptEcb(block, block, PaddingMode.None);
                BinaryPrimitives.WriteUInt64BigEndian(wrapped, BinaryPrimitives.ReadUInt64BigEndian(block) ^ t);
                block[Half..].CopyTo(wrapped.AsSpan(i));
            }
        }
        CryptographicOperations.ZeroMemory(block);
        return wrapped;
    }

    /// <summary>
    /// Unwraps into <paramref name="plaintext"/>; false, with the destination
    /// wiped, when a size is wrong or the integrity value does not fit.
    /// </summary>
    /// <param name="keyEncryptionKey">16, 24 or 32 bytes.</param>
    /// <param name="wrapped">8 bytes longer than the key inside.</param>
    /// <param name="plaintext">Exactly 8 bytes shorter than <paramref name="wrapped"/>.</param>
    public static bool TryUnwrap(ReadOnlySpan<byte> keyEncryptionKey, ReadOnlySpan<byte> wrapped, Span<byte> plaintext)
    {
        if (wrapped.Length % Half != 0
            || wrapped.Length is < 3 * Half or > MaxPlaintext + Half
            || plaintext.Length != wrapped.Length - Half)
        {
            return false;
        }
        wrapped[Half..].CopyTo(plaintext);
        Span<byte> block = stackalloc byte[2 * Half];
        Span<byte> expected = stackalloc byte[Half];
        BinaryPrimitives.WriteUInt64BigEndian(expected, InitialValue);
        using var aes = Aes.Create();
        aes.SetKey(keyEncryptionKey);
        var a = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        var t = (ulong)(Rounds * (plaintext.Length / Half));
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = plaintext.Length - Half; i >= 0; i -= Half, t--)
            {
                BinaryPrimitives.WriteUInt64BigEndian(block, a ^ t);
                plaintext.Slice(i, Half).CopyTo(block[Half..]);
                aes.DecryptEcb(block, block, PaddingMode.None);
                a = BinaryPrimitives.ReadUInt64BigEndian(block);
                block[Half..].CopyTo(plaintext[i..]);
            }
        }
        BinaryPrimitives.WriteUInt64BigEndian(block, a);
        var fits = CryptographicOperations.FixedTimeEquals(block[..Half], expected);
        CryptographicOperations.ZeroMemory(block);
        if (!fits) CryptographicOperations.ZeroMemory(plaintext);
        return fits;
    }
}
