using System.Security.Cryptography;

namespace Relay.Protocol.Signatures;

/// <summary>
/// Signature algorithms of envelopes (RFC 7518 section 3.1, and one of our own). Nothing else is accepted, <c>none</c> least of all.
/// </summary>
public enum JwsAlgorithm
{
    /// <summary>ECDSA with P-256 and SHA-256; 64-byte signature.</summary>
    ES256,

    /// <summary>ECDSA with P-384 and SHA-384; 96-byte signature.</summary>
    ES384,

    /// <summary>ECDSA with P-521 and SHA-512; 132-byte signature.</summary>
    ES512,

    /// <summary>RSASSA-PSS with SHA-256.</summary>
    PS256,

    /// <summary>RSASSA-PSS with SHA-384.</summary>
    PS384,

    /// <summary>RSASSA-PSS with SHA-512.</summary>
    PS512,

    /// <summary>
    /// ES256 over the root of a tree of signing inputs, with the path from one of them: <see cref="BatchSignature"/>. For signatures over
    /// heads alone.
    /// </summary>
    MTES256,
}

/// <summary>Names and sizes of <see cref="JwsAlgorithm"/>.</summary>
public static class JwsAlgorithms
{
    /// <summary>The <c>alg</c> value.</summary>
    public static string Name(this JwsAlgorithm algorithm) => algorithm switch
    {
        JwsAlgorithm.ES256 => "ES256",
        JwsAlgorithm.ES384 => "ES384",
        JwsAlgorithm.ES512 => "ES512",
        JwsAlgorithm.PS256 => "PS256",
        JwsAlgorithm.PS384 => "PS384",
        JwsAlgorithm.PS512 => "PS512",
        JwsAlgorithm.MTES256 => "MT-ES256",
    };

    /// <summary>The hash over the signing input.</summary>
    public static HashAlgorithmName HashName(this JwsAlgorithm algorithm) => algorithm switch
    {
        JwsAlgorithm.ES256 or JwsAlgorithm.PS256 or JwsAlgorithm.MTES256 => HashAlgorithmName.SHA256,
        JwsAlgorithm.ES384 or JwsAlgorithm.PS384 => HashAlgorithmName.SHA384,
        JwsAlgorithm.ES512 or JwsAlgorithm.PS512 => HashAlgorithmName.SHA512,
    };

    /// <summary>Bytes of the hash: 32, 48 or 64.</summary>
    public static int HashSize(this JwsAlgorithm algorithm) => algorithm switch
    {
        JwsAlgorithm.ES256 or JwsAlgorithm.PS256 or JwsAlgorithm.MTES256 => SHA256.HashSizeInBytes,
        JwsAlgorithm.ES384 or JwsAlgorithm.PS384 => SHA384.HashSizeInBytes,
        JwsAlgorithm.ES512 or JwsAlgorithm.PS512 => SHA512.HashSizeInBytes,
    };

    /// <summary>Reads an <c>alg</c> value, case-sensitive.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out JwsAlgorithm algorithm)
    {
        (var known, algorithm) = name switch
        {
            "ES256" => (true, JwsAlgorithm.ES256),
            "ES384" => (true, JwsAlgorithm.ES384),
            "ES512" => (true, JwsAlgorithm.ES512),
            "PS256" => (true, JwsAlgorithm.PS256),
            "PS384" => (true, JwsAlgorithm.PS384),
            "PS512" => (true, JwsAlgorithm.PS512),
            "MT-ES256" => (true, JwsAlgorithm.MTES256),
            _ => (false, default),
        };
        return known;
    }

    internal static void Hash(this JwsAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        _ = algorithm switch
        {
            JwsAlgorithm.ES256 or JwsAlgorithm.PS256 or JwsAlgorithm.MTES256 => SHA256.HashData(data, hash),
            JwsAlgorithm.ES384 or JwsAlgorithm.PS384 => SHA384.HashData(data, hash),
            JwsAlgorithm.ES512 or JwsAlgorithm.PS512 => SHA512.HashData(data, hash),
        };
    }
}
