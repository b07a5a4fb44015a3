using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>
/// Which of <c>alg</c> and <c>epk</c> stand once in the protected header, and which in each recipient's own: RFC 7516 section 7.2.1 lets a
/// member be in one of the two alone.
/// </summary>
internal sealed class SenderHeader
{
    private readonly List<JweAlgorithm> _algorithms;
    private readonly PublicJwk? _ephemeral;

    /// <param name="algorithms">One for each recipient, in their order; at least one.</param>
    /// <param name="ephemeral">The sender's ephemeral key on P-256; null where all recipients have hybrid keys.</param>
    public SenderHeader(List<JweAlgorithm> algorithms, ECDiffieHellman? ephemeral)
    {
        _algorithms = algorithms;
        if (ephemeral is null) return;
        var parameters = ephemeral.ExportParameters(includePrivateParameters: false);
        if (!PublicJwk.TryCreate(parameters, null, out var jwk, out var error)) throw new CryptographicException(error);
        _ephemeral = jwk;
    }

    public bool SharesAlgorithm => _algorithms.TrueForAll(algorithm => algorithm == _algorithms[0]);

    /// <summary>All recipients have P-256 keys. A hybrid key has no use for it, and a member without one is not written.</summary>
    public bool SharesEphemeralKey => !_algorithms.Contains(JweAlgorithm.Hybrid);

    public void WriteAlgorithm(Utf8JsonWriter json, int recipient) => json.WriteString("alg"u8, JweNames.Name(_algorithms[recipient]));

    public void WriteEphemeralKey(Utf8JsonWriter json)
    {
        json.WritePropertyName("epk"u8);
        _ephemeral!.WriteTo(json, null, default);
    }
}
