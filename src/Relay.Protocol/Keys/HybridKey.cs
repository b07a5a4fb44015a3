namespace Relay.Protocol.Keys;

/// <summary>
/// Sizes and checks of keys of kind <see cref="JwkKind.MlKem768P256"/>: ML-KEM-768 beside P-256, so that content stays closed while either
/// holds. What encrypts with them is not here: the base class library has no ML-KEM everywhere.
/// </summary>
/// <remarks>
/// References: draft-ietf-hpke-pq (KEM 0x0050), draft-irtf-cfrg-concrete-hybrid-kems, draft-skokan-jose-hpke-pq-pqt-01 (JWK form), FIPS
/// 203.
/// <code>
/// public key      = ML-KEM-768 encapsulation key, 1184 bytes | P-256 point, 04 x y, 65 bytes
/// private key     = seed, 32 bytes
/// encapsulation   = ML-KEM-768 ciphertext, 1088 bytes | P-256 point, 65 bytes
/// </code>
/// </remarks>
public static class HybridKey
{
    /// <summary><c>alg</c> of the JWK and of what is encrypted to it.</summary>
    public const string Algorithm = "HPKE-8-KE";

    /// <summary>Bytes of a public key: 1249.</summary>
    public const int PublicSize = MlKemSize + PointSize;

    /// <summary>Bytes of the private seed: 32.</summary>
    public const int SeedSize = 32;

    /// <summary>Bytes of an encapsulated secret: 1153.</summary>
    public const int EncapsulationSize = MlKemCiphertextSize + PointSize;

    private const int MlKemSize = 1184;
    private const int MlKemCiphertextSize = 1088;
    private const int PointSize = 65;
    private const int Modulus = 3329;

    // 256 coefficients of each of three polynomials, 12 bits each; the rest is the seed of the matrix.
    private const int CoefficientBytes = 3 * 256 * 12 / 8;

    /// <summary>True when the size is right, every coefficient below the modulus (FIPS 203 section 7.2) and the point on its
    /// curve.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> key) =>
        key.Length == PublicSize && HasCanonicalCoefficients(key[..CoefficientBytes]) && IsPoint(key[MlKemSize..]);

    /// <summary>True when the size is right and the point on its curve. Every other byte of it decapsulates to something.</summary>
    public static bool IsEncapsulation(ReadOnlySpan<byte> encapsulation) =>
        encapsulation.Length == EncapsulationSize && IsPoint(encapsulation[MlKemCiphertextSize..]);

    private static bool HasCanonicalCoefficients(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i += 3)
        {
            var first = bytes[i] | (bytes[i + 1] & 0x0f) << 8;
            var second = bytes[i + 1] >> 4 | bytes[i + 2] << 4;
            if (first >= Modulus || second >= Modulus) return false;
        }
        return true;
    }

    private static bool IsPoint(ReadOnlySpan<byte> bytes) =>
        bytes[0] == 0x04 && EcCurve.P256.Contains(bytes[1..(PointSize / 2 + 1)], bytes[(PointSize / 2 + 1)..]);
}
