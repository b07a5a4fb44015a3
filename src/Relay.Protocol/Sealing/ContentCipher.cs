using System.Security.Cryptography;

namespace Relay.Protocol.Sealing;

/// <summary>A256GCM with the sizes JWE fixes; anything else is refused.</summary>
/// <remarks>References: RFC 7518 section 5.3. Parameters: key 32, IV 12, tag 16 bytes.</remarks>
internal static class ContentCipher
{
    public const int KeySize = 32;
    public const int IvSize = 12;
    public const int TagSize = 16;

    public static void Encrypt(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> plaintext,
        ReadOnlySpan<byte> associated,
        Span<byte> ciphertext,
        Span<byte> tag)
    {
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(iv, plaintext, ciphertext, tag, associated);
    }

    /// <summary>False, with the destination wiped, when a size is wrong or the tag does not fit.</summary>
    public static bool TryDecrypt(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associated,
        Span<byte> plaintext)
    {
        if (key.Length != KeySize || iv.Length != IvSize || tag.Length != TagSize || plaintext.Length != ciphertext.Length) return false;
        using var aes = new AesGcm(key, TagSize);
        try
        {
            // The platform compares tags in constant time and reports a mismatch by this exception alone.
            aes.Decrypt(iv, ciphertext, tag, plaintext, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }
}
