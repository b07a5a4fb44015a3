using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Cli.Demo;

/// <summary>
/// JWS General JSON (RFC 7515 section 7.2.1) written without any of the
/// rules that <c>EnvelopeBuilder</c> holds, to try out what breaks them.
/// </summary>
internal sealed class RawJws(SealedEnvelope envelope)
{
    private readonly JsonArray _signatures = [];

    /// <summary>The header as a signer would write it.</summary>
    public static JsonObject Header(IJwsSigner signer) => new() { ["alg"] = "ES256", ["kid"] = signer.KeyId, ["typ"] = "relay-envelope" };

    /// <summary>Signs whatever the header says with the signer's key and SHA-256.</summary>
    public async Task<RawJws> SignAsync(IJwsSigner signer, JsonObject header, CancellationToken cancellationToken)
    {
        var protectedHeader = StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header.ToJsonString(Plain)));
        var input = Encoding.ASCII.GetBytes($"{protectedHeader}.{StrictBase64Url.Encode(envelope.Head.Bytes.Span)}");
        return Add(protectedHeader, await signer.SignAsync(SHA256.HashData(input), cancellationToken));
    }

    /// <summary>Adds a header and a signature as they are.</summary>
    public RawJws Add(string protectedHeader, byte[] signature)
    {
        _signatures.Add(new JsonObject { ["protected"] = protectedHeader, ["signature"] = StrictBase64Url.Encode(signature) });
        return this;
    }

    public byte[] ToWire() =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["payload"] = StrictBase64Url.Encode(envelope.Head.Bytes.Span),
                ["signatures"] = _signatures.DeepClone(),
                ["content"] = StrictBase64Url.Encode(envelope.Content.Span),
            }.ToJsonString(Plain));

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
