using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Client.KeyVault;

/// <summary>What a Key Vault key is in this protocol's terms.</summary>
internal static class VaultKeys
{
    /// <summary>The algorithm an EC key fixes; null for RSA.</summary>
    /// <exception cref="ArgumentException">Another kind of key.</exception>
    public static JwsAlgorithm? AlgorithmOf(KeyVaultKey key)
    {
        if (IsRsa(key)) return null;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P256) return JwsAlgorithm.ES256;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P384) return JwsAlgorithm.ES384;
        if (IsEc(key) && key.Key.CurveName == KeyCurveName.P521) return JwsAlgorithm.ES512;
        throw new ArgumentException($"Expected an EC key on P-256, P-384 or P-521, or an RSA key, got {key.KeyType} {key.Key.CurveName}.", nameof(key));
    }

    /// <summary>The public key; false with a sentence when it is of another kind or malformed.</summary>
    public static bool TryRead(KeyVaultKey key, out VerificationKey? verification, out string error)
    {
        if (IsRsa(key)) return VerificationKey.TryCreate(new RSAParameters { Modulus = key.Key.N, Exponent = key.Key.E }, out verification, out error);
        verification = null;
        error = $"expected an EC key on P-256, P-384 or P-521, or an RSA key, got {key.KeyType}";
        if (!IsEc(key) || Curve(key.Key.CurveName) is not { } curve) return false;
        return VerificationKey.TryCreate(new ECParameters { Curve = curve, Q = new ECPoint { X = key.Key.X, Y = key.Key.Y } }, out verification, out error);
    }

    private static bool IsRsa(KeyVaultKey key) => key.KeyType == KeyType.Rsa || key.KeyType == KeyType.RsaHsm;

    private static bool IsEc(KeyVaultKey key) => key.KeyType == KeyType.Ec || key.KeyType == KeyType.EcHsm;

    private static ECCurve? Curve(KeyCurveName? name)
    {
        if (name == KeyCurveName.P256) return ECCurve.NamedCurves.nistP256;
        if (name == KeyCurveName.P384) return ECCurve.NamedCurves.nistP384;
        if (name == KeyCurveName.P521) return ECCurve.NamedCurves.nistP521;
        return null;
    }
}
