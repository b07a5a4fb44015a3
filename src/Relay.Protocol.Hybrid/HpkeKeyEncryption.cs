using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;

namespace Relay.Protocol.Hybrid;

/// <summary>HPKE-8-KE: content keys for hybrid keys. Keeps no state, so one serves all.</summary>
/// <remarks>What is secret is wiped here; what BouncyCastle keeps of it in arrays of its own until they are collected is not.</remarks>
public sealed class HpkeKeyEncryption : IHpkeKeyEncryption
{
    /// <summary>The one there is.</summary>
    public static readonly HpkeKeyEncryption Instance = new();

    private HpkeKeyEncryption()
    {
    }

    /// <inheritdoc/>
    public void Encrypt(
        PublicJwk recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> contentKey, Span<byte> encapsulation, Span<byte> encryptedKey)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        CheckKind(recipient.Kind, nameof(recipient));
        ArgumentOutOfRangeException.ThrowIfNotEqual(encapsulation.Length, HybridKey.EncapsulationSize, nameof(encapsulation));
        ArgumentOutOfRangeException.ThrowIfNotEqual(encryptedKey.Length, contentKey.Length + Hpke.TagSize, nameof(encryptedKey));
        Span<byte> secret = stackalloc byte[MlKem768P256.SecretSize];
        Span<byte> randomness = stackalloc byte[MlKem768P256.RandomSize];
        try
        {
            RandomNumberGenerator.Fill(randomness);
            MlKem768P256.Encapsulate(recipient.ToHybridBytes(), randomness, secret, encapsulation);
            Hpke.Seal(HpkeKdf.Shake256, secret, info, contentKey, encryptedKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(randomness);
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <inheritdoc/>
    public bool TryDecrypt(
        PrivateJwk key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> encryptedKey, Span<byte> contentKey)
    {
        ArgumentNullException.ThrowIfNull(key);
        CheckKind(key.Kind, nameof(key));
        Span<byte> seed = stackalloc byte[HybridKey.SeedSize];
        Span<byte> secret = stackalloc byte[MlKem768P256.SecretSize];
        try
        {
            key.CopySeed(seed);
            using var pair = MlKem768P256.Expand(seed);
            if (pair.PublicKey.AsSpan().SequenceEqual(key.Public.ToHybridBytes())
                && pair.TryDecapsulate(encapsulation, secret)
                && Hpke.TryOpen(HpkeKdf.Shake256, secret, info, encryptedKey, contentKey))
            {
                return true;
            }
            CryptographicOperations.ZeroMemory(contentKey);
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static void CheckKind(JwkKind kind, string name)
    {
        if (kind != JwkKind.MlKem768P256) throw new ArgumentException($"Expected an {HybridKey.Algorithm} key, got {kind}.", name);
    }
}
