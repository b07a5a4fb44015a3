using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>
/// The JWE algorithms of this format: RFC 7518 sections 4.1 and 5.1, and draft-skokan-jose-hpke-pq-pqt-01 section 3.3.
/// </summary>
internal static class JweNames
{
    public const string Wrapped = "ECDH-ES+A256KW";
    public const string Direct = "ECDH-ES";
    public const string Hybrid = HybridKey.Algorithm;
    public const string Encryption = "A256GCM";

    /// <summary>Header member of this format alone, in the protected header: see <see cref="Sealing.Commitment"/>.</summary>
    public const string Commitment = "com";

    /// <summary>Header member with the encapsulated secret of HPKE (draft-ietf-jose-hpke-encrypt section 4.1).</summary>
    public const string Encapsulation = "ek";

    /// <summary>
    /// <c>Recipient_structure</c> for A256GCM with nothing further, HPKE's <c>info</c> (draft-ietf-jose-hpke-encrypt section 6.1).
    /// </summary>
    public static ReadOnlySpan<byte> HpkeInfo =>
    [
        (byte)'J', (byte)'O', (byte)'S', (byte)'E', (byte)'-', (byte)'H', (byte)'P', (byte)'K', (byte)'E', (byte)' ', (byte)'r', (byte)'c',
        (byte)'p', (byte)'t', 0xff, (byte)'A', (byte)'2', (byte)'5', (byte)'6', (byte)'G', (byte)'C', (byte)'M', 0xff,
    ];

    /// <summary>
    /// AlgorithmID of the key derivation: the wrapping algorithm, or for direct agreement the content encryption (RFC 7518 section 4.6.2).
    /// </summary>
    public static ReadOnlySpan<byte> DerivationId(bool direct) => direct ? "A256GCM"u8 : "ECDH-ES+A256KW"u8;

    public static string Name(JweAlgorithm algorithm) => algorithm switch
    {
        JweAlgorithm.Direct => Direct,
        JweAlgorithm.Wrapped => Wrapped,
        JweAlgorithm.Hybrid => Hybrid,
    };

    public static bool TryParse(string? name, out JweAlgorithm algorithm)
    {
        (var known, algorithm) = name switch
        {
            Direct => (true, JweAlgorithm.Direct),
            Wrapped => (true, JweAlgorithm.Wrapped),
            Hybrid => (true, JweAlgorithm.Hybrid),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>
    /// The only algorithm with which a key is addressed. A key is never used with the other family's: what opens depends on the key alone,
    /// not on what a header says.
    /// </summary>
    public static JweAlgorithm For(PublicJwk key, bool alone) =>
        key.Kind == JwkKind.MlKem768P256 ? JweAlgorithm.Hybrid : alone ? JweAlgorithm.Direct : JweAlgorithm.Wrapped;

    /// <summary>Bytes of <c>encrypted_key</c>; 0 when there is none.</summary>
    public static int EncryptedKeySize(JweAlgorithm algorithm) => algorithm switch
    {
        JweAlgorithm.Direct => 0,
        JweAlgorithm.Wrapped => ContentCipher.KeySize + 8,
        JweAlgorithm.Hybrid => ContentCipher.KeySize + ContentCipher.TagSize,
    };
}
