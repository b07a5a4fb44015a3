using System.Security.Cryptography;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Hybrid;

/// <summary>Makes hybrid keys, and tells whether one that was read is one.</summary>
public static class HybridKeyPair
{
    /// <summary>Makes a new key of kind <see cref="JwkKind.MlKem768P256"/>; the caller disposes it.</summary>
    /// <param name="keyId"><c>kid</c>, 1 to 256 printable ASCII characters.</param>
    /// <exception cref="ArgumentException"><paramref name="keyId"/> breaks its rule.</exception>
    public static PrivateJwk Generate(string keyId)
    {
        Span<byte> seed = stackalloc byte[HybridKey.SeedSize];
        try
        {
            RandomNumberGenerator.Fill(seed);
            using var pair = MlKem768P256.Expand(seed);
            return PrivateJwk.CreateHybrid(keyId, pair.PublicKey, seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>True when the public part is the one of the seed; <see cref="PrivateJwk.TryParse"/> cannot tell.</summary>
    /// <param name="key">Of kind <see cref="JwkKind.MlKem768P256"/>.</param>
    /// <exception cref="InvalidOperationException">The key is of another kind.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static bool Belongs(PrivateJwk key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> seed = stackalloc byte[HybridKey.SeedSize];
        try
        {
            key.CopySeed(seed);
            using var pair = MlKem768P256.Expand(seed);
            return pair.PublicKey.AsSpan().SequenceEqual(key.Public.ToHybridBytes());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
