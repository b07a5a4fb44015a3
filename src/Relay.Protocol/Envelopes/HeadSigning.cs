using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>One mediator's signature over a head (RFC 7515 section 5.1).</summary>
internal static class HeadSigning
{
    /// <param name="payload">base64url of the head's bytes.</param>
    /// <param name="signer">A vault key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    /// <exception cref="InvalidOperationException">The signer returned no signature or one of more than 512 bytes.</exception>
    public static async ValueTask<EnvelopeSignature> SignAsync(
        ReadOnlyMemory<byte> payload, IJwsSigner signer, CancellationToken cancellationToken)
    {
        var key = KeyOf(signer);
        var header = WriteHeader(signer.Algorithm, key);
        var hash = HashSigningInput(signer.Algorithm, header, payload.Span);
        var value = await signer.SignAsync(hash, cancellationToken).ConfigureAwait(false);
        if (value.Length is 0 or > EnvelopeLimits.MaxSignatureBytes)
        {
            throw new InvalidOperationException(
                $"Expected a signature of 1 to {EnvelopeLimits.MaxSignatureBytes} bytes from {key}, got {value.Length}.");
        }
        return new EnvelopeSignature(key, signer.Algorithm, header, value) { PayloadText = payload };
    }

    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    public static KeyIdentifier KeyOf(IJwsSigner signer) => KeyIdentifier.TryParse(signer.KeyId, out var key)
        ? key
        : throw new ArgumentException(
            $"Expected a signer whose key id is https://{{vault}}/keys/{{name}}/{{version}}, got {Excerpt.Of(signer.KeyId)}.",
            nameof(signer));

    /// <summary>A protected header as base64url text.</summary>
    public static byte[] WriteHeader(JwsAlgorithm algorithm, KeyIdentifier key) =>
        // An identifier holds no character that JSON escapes.
        StrictBase64Url.EncodeToUtf8(
            System.Text.Encoding.ASCII.GetBytes(
                $$"""{"alg":"{{algorithm.Name()}}","kid":"{{key.Text}}","typ":"{{ProtectedHeaderReader.Type}}"}"""));

    /// <summary>Hash of the signing input of a header and a payload, both as base64url text.</summary>
    public static byte[] HashSigningInput(JwsAlgorithm algorithm, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var input = new byte[header.Length + 1 + payload.Length];
        EnvelopeSignature.WriteSigningInput(header, payload, input);
        var hash = new byte[algorithm.HashSize()];
        algorithm.Hash(input, hash);
        return hash;
    }
}
