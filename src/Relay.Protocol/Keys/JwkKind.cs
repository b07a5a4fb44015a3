namespace Relay.Protocol.Keys;

/// <summary>Kinds of key this format uses (RFC 7518 section 6; the last one is a draft's).</summary>
public enum JwkKind
{
    /// <summary>EC, P-256.</summary>
    P256,

    /// <summary>EC, P-384.</summary>
    P384,

    /// <summary>EC, P-521.</summary>
    P521,

    /// <summary>RSA, 2048 to 4096 bits; public only.</summary>
    Rsa,

    /// <summary>
    /// AKP with <c>alg</c> HPKE-8-KE (draft-skokan-jose-hpke-pq-pqt): ML-KEM-768 beside P-256, for content alone. See
    /// <see cref="HybridKey"/>.
    /// </summary>
    MlKem768P256,
}
