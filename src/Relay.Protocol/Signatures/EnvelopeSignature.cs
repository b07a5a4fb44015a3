using System.Buffers;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>One mediator's signature on an envelope, as read: its header keeps the rules, its value is not yet verified.</summary>
public sealed class EnvelopeSignature
{
    internal EnvelopeSignature(KeyIdentifier key, JwsAlgorithm algorithm, ReadOnlyMemory<byte> headerText, byte[] value)
    {
        Key = key;
        Algorithm = algorithm;
        HeaderText = headerText;
        Value = value;
    }

    /// <summary><c>kid</c>: which version of which vault key is said to have signed.</summary>
    public KeyIdentifier Key { get; }

    /// <summary><c>alg</c>; must still fit the key, which <see cref="Verify"/> checks.</summary>
    public JwsAlgorithm Algorithm { get; }

    /// <summary>The signature, 1 to 512 bytes.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The protected header as base64url text.</summary>
    internal ReadOnlyMemory<byte> HeaderText { get; }

    /// <summary>
    /// The head as base64url text, which is the JWS payload; set once by the
    /// reader or signer before the signature is seen by anyone else.
    /// </summary>
    internal ReadOnlyMemory<byte> PayloadText { get; set; }

    /// <summary>Verifies over the envelope's signing input (RFC 7515 section 5.2). Safe to call from many threads.</summary>
    public SignatureFault Verify(VerificationKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var length = HeaderText.Length + 1 + PayloadText.Length;
        // Nothing in a signing input is secret, so the shared pool may hold it.
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            WriteSigningInput(HeaderText.Span, PayloadText.Span, buffer);
            return key.Verify(Algorithm, buffer.AsSpan(0, length), Value.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The protected header's bytes, in a new array.</summary>
    internal byte[] Header() => StrictBase64Url.Decode(HeaderText.Span)!;

    /// <summary>Same header and value, byte for byte.</summary>
    internal bool IsSame(EnvelopeSignature other) =>
        HeaderText.Span.SequenceEqual(other.HeaderText.Span) && Value.Span.SequenceEqual(other.Value.Span);

    /// <summary>ASCII(protected || '.' || payload), RFC 7515 section 5.1 step 8.</summary>
    internal static void WriteSigningInput(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        header.CopyTo(destination);
        destination[header.Length] = (byte)'.';
        payload.CopyTo(destination[(header.Length + 1)..]);
    }
}
