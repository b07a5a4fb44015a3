using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Gathers mediators' signatures over one payload and writes the wire form. Not safe for concurrent use.</summary>
public sealed class EnvelopeBuilder
{
    private readonly byte[] _payloadText;
    private readonly List<EnvelopeSignature> _signatures = [];

    /// <summary>Starts without signatures.</summary>
    public EnvelopeBuilder(EnvelopePayload payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Payload = payload;
        _payloadText = StrictBase64Url.EncodeToUtf8(payload.Bytes.Span);
    }

    /// <summary>Starts from an envelope and its signatures, to add more.</summary>
    public EnvelopeBuilder(Envelope envelope)
        : this((envelope ?? throw new ArgumentNullException(nameof(envelope))).Payload)
    {
        _signatures.AddRange(envelope.Signatures);
    }

    /// <summary>The payload being signed.</summary>
    public EnvelopePayload Payload { get; }

    /// <summary>Adds one signature.</summary>
    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    /// <exception cref="InvalidOperationException">There are 32 signatures
    /// already, or the signer returned none or more than 512 bytes.</exception>
    public async ValueTask SignAsync(IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (_signatures.Count == EnvelopeLimits.MaxSignatures)
        {
            throw new InvalidOperationException($"An envelope carries at most {EnvelopeLimits.MaxSignatures} signatures.");
        }
        if (!KeyIdentifier.TryParse(signer.KeyId, out var key))
        {
            throw new ArgumentException(
                $"Expected a signer whose key id is https://{{vault}}/keys/{{name}}/{{version}}, got {Excerpt.Of(signer.KeyId)}.",
                nameof(signer));
        }
        var header = WriteHeader(signer.Algorithm, key);
        var hash = new byte[signer.Algorithm.HashSize()];
        HashSigningInput(signer.Algorithm, header, hash);
        var value = await signer.SignAsync(hash, cancellationToken).ConfigureAwait(false);
        if (value.Length is 0 or > EnvelopeLimits.MaxSignatureBytes)
        {
            throw new InvalidOperationException(
                $"Expected a signature of 1 to {EnvelopeLimits.MaxSignatureBytes} bytes from {key}, got {value.Length}.");
        }
        _signatures.Add(new EnvelopeSignature(key, signer.Algorithm, header, value) { PayloadText = _payloadText });
    }

    /// <summary>The envelope as JWS General JSON (RFC 7515 section 7.2.1), UTF-8.</summary>
    /// <exception cref="InvalidOperationException">There is no signature yet.</exception>
    public byte[] ToWire()
    {
        if (_signatures.Count == 0) throw new InvalidOperationException("An envelope carries at least one signature.");
        using var stream = new MemoryStream(_payloadText.Length + 64 + _signatures.Count * 512);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("payload"u8, _payloadText);
            json.WriteStartArray("signatures"u8);
            foreach (var signature in _signatures)
            {
                json.WriteStartObject();
                json.WriteString("protected"u8, signature.HeaderText.Span);
                json.WriteString("signature"u8, StrictBase64Url.EncodeToUtf8(signature.Value.Span));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static byte[] WriteHeader(JwsAlgorithm algorithm, KeyIdentifier key) =>
        // An identifier holds no character that JSON escapes.
        StrictBase64Url.EncodeToUtf8(
            System.Text.Encoding.ASCII.GetBytes(
                $$"""{"alg":"{{algorithm.Name()}}","kid":"{{key.Text}}","typ":"{{EnvelopeHeaderReader.Type}}"}"""));

    private void HashSigningInput(JwsAlgorithm algorithm, byte[] header, byte[] hash)
    {
        var input = new byte[header.Length + 1 + _payloadText.Length];
        EnvelopeSignature.WriteSigningInput(header, _payloadText, input);
        algorithm.Hash(input, hash);
    }
}
