using System.Diagnostics.CodeAnalysis;
using Azure.Security.KeyVault.Keys;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Client.KeyVault;

/// <summary>What a Key Vault key is in this protocol's terms.</summary>
public static class VaultKeys
{
    /// <summary>The algorithm an EC key fixes; null for RSA.</summary>
    /// <exception cref="ArgumentException">Another kind of key.</exception>
    internal static JwsAlgorithm? AlgorithmOf(KeyVaultKey key)
    {
        if (IsRsa(key)) return null;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P256) return JwsAlgorithm.ES256;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P384) return JwsAlgorithm.ES384;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P521) return JwsAlgorithm.ES512;
        throw new ArgumentException(
            $"Expected an EC key on P-256, P-384 or P-521, or an RSA key, got {key.KeyType} {key.Key.CurveName}.", nameof(key));
    }

    /// <summary>The public half; false with a sentence when it is of another kind, malformed, or not for verifying.</summary>
    /// <param name="key">As the vault gives it.</param>
    /// <param name="keyId">Its <c>kid</c>; null for none.</param>
    /// <param name="jwk">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(KeyVaultKey key, string? keyId, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        ArgumentNullException.ThrowIfNull(key);
        var members = new KeyMembers
        {
            Type = key.KeyType.ToString(),
            Curve = key.Key.CurveName?.ToString(),
            X = key.Key.X,
            Y = key.Key.Y,
            Modulus = key.Key.N,
            Exponent = key.Key.E,
            Operations = [.. key.Key.KeyOps.Select(operation => operation.ToString())],
        };
        return PublicJwk.TryCreate(members, keyId, out jwk, out error);
    }

    /// <summary>The public key, by the same rules.</summary>
    internal static bool TryRead(KeyVaultKey key, out VerificationKey? verification, out string error)
    {
        verification = null;
        return TryRead(key, null, out var jwk, out error) && VerificationKey.TryCreate(jwk, out verification, out error);
    }

    private static bool IsRsa(KeyVaultKey key) => key.KeyType == KeyType.Rsa || key.KeyType == KeyType.RsaHsm;

    private static bool IsEc(KeyVaultKey key) => key.KeyType == KeyType.Ec || key.KeyType == KeyType.EcHsm;
}
