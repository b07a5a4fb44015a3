using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Protocol.Sealing;

/// <summary>ECDH-ES key derivation on P-256.</summary>
/// <remarks>
/// References: RFC 7518 section 4.6.2, NIST SP 800-56A section 5.8.1 (Concat KDF with SHA-256).
/// Parameters: shared secret 32 bytes (the x coordinate), derived key 16 to 32 bytes, so one round of the hash.
/// <code>
/// SHA-256( 00000001 | Z | len alg | alg | len apu | apu | len apv | apv | key bits )     lengths and key bits u32 BE
/// </code>
/// </remarks>
internal static class EcdhEs
{
    public const int KeySize = 32;

    /// <summary>Agrees and derives a 32-byte key with empty party names; the caller wipes it.</summary>
    /// <param name="own">A P-256 private key.</param>
    /// <param name="other">A P-256 point that has been checked.</param>
    /// <param name="algorithm">ECDH-ES+A256KW, or A256GCM for direct agreement.</param>
    /// <param name="key">32 bytes.</param>
    public static void DeriveKey(ECDiffieHellman own, ECDiffieHellmanPublicKey other, ReadOnlySpan<byte> algorithm, Span<byte> key)
    {
        var secret = own.DeriveRawSecretAgreement(other);
        try
        {
            ConcatKdf(secret, algorithm, default, default, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    public static void ConcatKdf(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, Span<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeySize, nameof(key));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, 1);
        hash.AppendData(secret);
        AppendField(hash, algorithm);
        AppendField(hash, partyU);
        AppendField(hash, partyV);
        AppendNumber(hash, key.Length * 8);
        Span<byte> block = stackalloc byte[KeySize];
        hash.GetHashAndReset(block);
        block[..key.Length].CopyTo(key);
        CryptographicOperations.ZeroMemory(block);
    }

    private static void AppendField(IncrementalHash hash, ReadOnlySpan<byte> value)
    {
        AppendNumber(hash, value.Length);
        hash.AppendData(value);
    }

    private static void AppendNumber(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
