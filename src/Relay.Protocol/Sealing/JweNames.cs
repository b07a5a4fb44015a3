namespace Relay.Protocol.Sealing;

/// <summary>The JWE algorithms of this format (RFC 7518 sections 4.1 and 5.1).</summary>
internal static class JweNames
{
    public const string Wrapped = "ECDH-ES+A256KW";
    public const string Direct = "ECDH-ES";
    public const string Encryption = "A256GCM";

    /// <summary>Header member of this format alone, in the protected header: see <see cref="Sealing.Commitment"/>.</summary>
    public const string Commitment = "com";

    /// <summary>
    /// AlgorithmID of the key derivation: the wrapping algorithm, or for direct agreement the content encryption (RFC 7518 section 4.6.2).
    /// </summary>
    public static ReadOnlySpan<byte> DerivationId(bool direct) => direct ? "A256GCM"u8 : "ECDH-ES+A256KW"u8;
}
