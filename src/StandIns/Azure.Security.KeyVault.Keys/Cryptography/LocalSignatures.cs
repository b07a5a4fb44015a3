using System.Security.Cryptography;

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>Signature algorithms on key material in this process.</summary>
/// <remarks>
/// References: RFC 7518 sections 3.3 (RS), 3.4 (ES), 3.5 (PS). Parameters: digests of 32, 48 and 64 bytes; ES signatures are r and s, each 32,
/// 48 or 66 bytes; PS salts are as long as the digest.
/// </remarks>
internal static class LocalSignatures
{
    /// <exception cref="NotSupportedException">The algorithm is none of the RS, PS and ES families on NIST curves.</exception>
    public static HashAlgorithmName HashOf(SignatureAlgorithm algorithm) => algorithm.ToString() switch
    {
        "RS256" or "PS256" or "ES256" => HashAlgorithmName.SHA256,
        "RS384" or "PS384" or "ES384" => HashAlgorithmName.SHA384,
        "RS512" or "PS512" or "ES512" => HashAlgorithmName.SHA512,
        _ => throw new NotSupportedException($"Algorithm '{algorithm}' is not supported locally."),
    };

    /// <exception cref="NotSupportedException">The algorithm is none of the RS, PS and ES families on NIST curves.</exception>
    public static byte[] Digest(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data) => CryptographicOperations.HashData(HashOf(algorithm), data);

    public static bool Supports(JsonWebKey key, KeyOperation operation) =>
        key.KeyOps.Contains(operation)
        && (key.KeyType == KeyType.Rsa || key.KeyType == KeyType.RsaHsm
            || ((key.KeyType == KeyType.Ec || key.KeyType == KeyType.EcHsm) && EcCurves.TryGet(key.CurveName, out _, out _)));

    /// <exception cref="ArgumentException">The algorithm does not fit the key.</exception>
    public static bool Verify(JsonWebKey key, SignatureAlgorithm algorithm, byte[] digest, byte[] signature)
    {
        if (IsEc(key))
        {
            RequireCurve(key, algorithm);
            using var ecdsa = key.ToECDsa();
            return ecdsa.VerifyHash(digest, signature);
        }

        var padding = RequirePadding(algorithm);
        using var rsa = key.ToRSA();
        return rsa.VerifyHash(digest, signature, HashOf(algorithm), padding);
    }

    /// <exception cref="ArgumentException">The algorithm does not fit the key.</exception>
    public static byte[] Sign(JsonWebKey key, SignatureAlgorithm algorithm, byte[] digest)
    {
        if (IsEc(key))
        {
            RequireCurve(key, algorithm);
            using var ecdsa = key.ToECDsa(includePrivateParameters: true);
            return ecdsa.SignHash(digest);
        }

        var padding = RequirePadding(algorithm);
        using var rsa = key.ToRSA(includePrivateParameters: true);
        return rsa.SignHash(digest, HashOf(algorithm), padding);
    }

    private static bool IsEc(JsonWebKey key) => key.KeyType == KeyType.Ec || key.KeyType == KeyType.EcHsm;

    private static void RequireCurve(JsonWebKey key, SignatureAlgorithm algorithm)
    {
        var fits = (algorithm.ToString(), key.CurveName?.ToString()) is ("ES256", "P-256") or ("ES384", "P-384") or ("ES512", "P-521");
        if (!fits) throw new ArgumentException($"Algorithm '{algorithm}' does not fit a key on curve '{key.CurveName}'.", nameof(algorithm));
    }

    private static RSASignaturePadding RequirePadding(SignatureAlgorithm algorithm) => algorithm.ToString() switch
    {
        "RS256" or "RS384" or "RS512" => RSASignaturePadding.Pkcs1,
        "PS256" or "PS384" or "PS512" => RSASignaturePadding.Pss,
        _ => throw new ArgumentException($"Algorithm '{algorithm}' does not fit an RSA key.", nameof(algorithm)),
    };
}
