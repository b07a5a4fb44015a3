using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Protocol.Hybrid;

/// <summary>
/// HPKE's base mode for one message a context, with KEM MLKEM768-P256, a single-stage KDF and AES-256-GCM. Ours, because no library that is
/// kept offers it in .NET (November 2026).
/// </summary>
/// <remarks>
/// References: draft-ietf-hpke-hpke sections 4.3 (LabeledDerive), 5.1 (key schedule), 6.1; draft-ietf-hpke-pq section 5; RFC 9180 sections
/// 5.1 and 7.3.
/// <code>
/// suite    = "HPKE" | 0050 | KDF | 0002
/// secrets  = 0000 | length | shared secret                 psk is empty; lengths u16 BE
/// context  = 00 | 0000 | length | info                     mode base, psk_id is empty
/// L        = 32 + 12 + Nh
/// key | nonce | exporter secret = SHAKE( secrets | "HPKE-v1" | suite | 0006 "secret" | L | context )
/// </code>
/// The first message has sequence number 0, so its nonce is the base nonce.
/// </remarks>
internal static class Hpke
{
    public const int TagSize = 16;

    private const int KeySize = 32;
    private const int NonceSize = 12;

    /// <summary>Encrypts with empty <c>aad</c>.</summary>
    /// <param name="kdf">Which derivation.</param>
    /// <param name="sharedSecret">Of the KEM, 32 bytes.</param>
    /// <param name="info">At most 65,535 bytes.</param>
    /// <param name="plaintext">What is encrypted.</param>
    /// <param name="ciphertext">Takes ciphertext and tag: <see cref="TagSize"/> bytes longer.</param>
    /// <param name="aad">Additional data; empty in key encryption.</param>
    public static void Seal(
        HpkeKdf kdf,
        ReadOnlySpan<byte> sharedSecret,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        ReadOnlySpan<byte> aad = default)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        Schedule(kdf, sharedSecret, info, key, nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plaintext, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], aad);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>False, with the destination wiped, when a size is wrong or the tag does not fit.</summary>
    public static bool TryOpen(
        HpkeKdf kdf,
        ReadOnlySpan<byte> sharedSecret,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> ciphertext,
        Span<byte> plaintext,
        ReadOnlySpan<byte> aad = default)
    {
        if (ciphertext.Length != plaintext.Length + TagSize) return false;
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        Schedule(kdf, sharedSecret, info, key, nonce);
        using var aes = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        try
        {
            aes.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, aad);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    /// <summary>Key and base nonce of a context; nothing here exports.</summary>
    public static void Schedule(HpkeKdf kdf, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, Span<byte> key, Span<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(info.Length, ushort.MaxValue, nameof(info));
        Span<byte> secret = stackalloc byte[KeySize + NonceSize + 64];
        secret = secret[..(KeySize + NonceSize + kdf.HashSize)];
        var keccak = new Keccak(kdf.ShakeBits);
        keccak.Append([0, 0]);
        AppendWithLength(keccak, sharedSecret);
        keccak.Append("HPKE-v1HPKE"u8);
        keccak.Append([0, 0x50, 0, kdf.Id, 0, 2]);
        AppendWithLength(keccak, "secret"u8);
        AppendLength(keccak, secret.Length);
        keccak.Append([0, 0, 0]);
        AppendWithLength(keccak, info);
        keccak.Finish(secret);
        secret[..KeySize].CopyTo(key);
        secret.Slice(KeySize, NonceSize).CopyTo(nonce);
        CryptographicOperations.ZeroMemory(secret);
    }

    private static void AppendWithLength(Keccak keccak, ReadOnlySpan<byte> bytes)
    {
        AppendLength(keccak, bytes.Length);
        keccak.Append(bytes);
    }

    private static void AppendLength(Keccak keccak, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        keccak.Append(bytes);
    }
}
