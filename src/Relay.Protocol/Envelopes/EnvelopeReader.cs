using System.Collections.Immutable;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// Reads the General JSON wrapper around a head, and the content beside it. Unsigned: members
/// it does not know are ignored, those of the flattened form aside.
/// </summary>
internal struct EnvelopeReader
{
    private readonly ReadOnlyMemory<byte> _wire;
    private ReadOnlyMemory<byte>? _payloadText;
    private ReadOnlyMemory<byte>? _contentText;
    private ImmutableArray<EnvelopeSignature> _signatures;

    public EnvelopeReader(ReadOnlyMemory<byte> wire)
    {
        _wire = wire;
    }

    public EnvelopeHead? Head { get; private set; }

    public byte[] Content { get; private set; } = [];

    public readonly ImmutableArray<EnvelopeSignature> Signatures => _signatures;

    public EnvelopeReadFault Read(EnvelopeLimits limits)
    {
        if (_wire.Length > limits.MaxWireBytes)
        {
            return new(EnvelopeFault.Oversize, $"expected at most {limits.MaxWireBytes} bytes, got {_wire.Length}");
        }
        Span<(int, int)> names = stackalloc (int, int)[256];
        var json = new StrictJsonReader(_wire.Span, names);
        if (!json.Read()) return EnvelopeReadFault.Of(json, "envelope");
        if (json.Token != JsonToken.StartObject) return EnvelopeReadFault.BadMember("envelope", "a JSON object", json);
        while (json.Read() && json.Token == JsonToken.Name)
        {
            var fault = ReadMember(ref json);
            if (!fault.IsNone) return fault;
        }
        if (json.Fault != JsonFault.None || !json.Read()) return EnvelopeReadFault.Of(json, "envelope");
        if (_payloadText is not { } text) return EnvelopeReadFault.Missing("payload");
        if (_signatures.IsDefault) return EnvelopeReadFault.Missing("signatures");
        return ReadHead(text);
    }

    /// <summary>Decodes the content beside the head and holds it to the head's hash; call it after <see cref="Read"/>.</summary>
    public EnvelopeReadFault ReadContent()
    {
        if (_contentText is not { } text) return EnvelopeReadFault.Missing("content");
        if (StrictBase64Url.Decode(text.Span) is not { } bytes) return NotBase64Url("content");
        if (Digest.Of(bytes) != Head!.ContentHash)
        {
            return new(EnvelopeFault.WrongContent, $"expected the content that the head of {Head.Id} names by its hash, got another");
        }
        Content = bytes;
        return default;
    }

    private EnvelopeReadFault ReadMember(scoped ref StrictJsonReader json)
    {
        var name = json.Value;
        if (!json.Read()) return EnvelopeReadFault.Of(json, "envelope");
        if (name.SequenceEqual("payload"u8)) return ReadText(ref json, "payload", out _payloadText);
        if (name.SequenceEqual("content"u8)) return ReadText(ref json, "content", out _contentText);
        if (name.SequenceEqual("signatures"u8)) return ReadSignatures(ref json);
        if (name.SequenceEqual("protected"u8) || name.SequenceEqual("header"u8) || name.SequenceEqual("signature"u8))
        {
            // RFC 7515 section 7.2.2: never both forms at once, or two readers see two envelopes.
            return new(EnvelopeFault.BadMember, $"expected JWS General JSON, got member {Excerpt.Of(name)} of the flattened form");
        }
        return json.Skip() ? default : EnvelopeReadFault.Of(json, "envelope");
    }

    private EnvelopeReadFault ReadSignatures(scoped ref StrictJsonReader json)
    {
        if (json.Token != JsonToken.StartArray) return EnvelopeReadFault.BadMember("signatures", "an array", json);
        var signatures = ImmutableArray.CreateBuilder<EnvelopeSignature>(1);
        while (json.Read() && json.Token != JsonToken.EndArray)
        {
            if (signatures.Count == EnvelopeLimits.MaxSignatures)
            {
                return new(EnvelopeFault.SignatureCount, $"expected at most {EnvelopeLimits.MaxSignatures} signatures, got more");
            }
            var fault = ReadSignature(ref json, out var signature);
            if (!fault.IsNone) return fault;
            signatures.Add(signature!);
        }
        if (json.Fault != JsonFault.None) return EnvelopeReadFault.Of(json, "envelope");
        if (signatures.Count == 0) return new(EnvelopeFault.SignatureCount, "expected at least one signature, got none");
        _signatures = signatures.DrainToImmutable();
        return default;
    }

    private readonly EnvelopeReadFault ReadSignature(scoped ref StrictJsonReader json, out EnvelopeSignature? signature)
    {
        signature = null;
        if (json.Token != JsonToken.StartObject) return EnvelopeReadFault.BadMember("signatures", "an array of objects", json);
        ReadOnlyMemory<byte>? header = null;
        ReadOnlyMemory<byte>? value = null;
        while (json.Read() && json.Token == JsonToken.Name)
        {
            var name = json.Value;
            if (!json.Read()) break;
            var fault = default(EnvelopeReadFault);
            if (name.SequenceEqual("protected"u8)) fault = ReadText(ref json, "protected", out header);
            else if (name.SequenceEqual("signature"u8)) fault = ReadText(ref json, "signature", out value);
            else if (name.SequenceEqual("header"u8))
            {
                fault = new(EnvelopeFault.ForbiddenHeader, "expected no unprotected 'header', got one");
            }
            else json.Skip();
            if (!fault.IsNone) return fault;
        }
        if (json.Fault != JsonFault.None) return EnvelopeReadFault.Of(json, "envelope");
        if (header is null) return EnvelopeReadFault.Missing("protected");
        if (value is null) return EnvelopeReadFault.Missing("signature");
        return Decode(header.Value, value.Value, out signature);
    }

    private static EnvelopeReadFault Decode(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> value, out EnvelopeSignature? signature)
    {
        signature = null;
        // The header first: 'alg' none comes with an empty signature, and the algorithm is what is wrong with it.
        var fault = Decode(header, [0], out _);
        if (!fault.IsNone) return fault;
        if (StrictBase64Url.MaxDecodedLength(value.Length) is 0 or > EnvelopeLimits.MaxSignatureBytes)
        {
            return new(
                EnvelopeFault.BadMember,
                $"expected a 'signature' of 1 to {EnvelopeLimits.MaxSignatureBytes} bytes, got {value.Length} characters");
        }
        return StrictBase64Url.Decode(value.Span) is { } bytes ? Decode(header, bytes, out signature) : NotBase64Url("signature");
    }

    /// <summary>A signature of a header, as base64url text, and a value.</summary>
    public static EnvelopeReadFault Decode(ReadOnlyMemory<byte> header, byte[] value, out EnvelopeSignature? signature)
    {
        signature = null;
        var reader = default(ProtectedHeaderReader);
        var fault = reader.Read(header.Span);
        if (!fault.IsNone) return fault;
        if (value.Length is 0 or > EnvelopeLimits.MaxSignatureBytes)
        {
            return new(
                EnvelopeFault.BadMember, $"expected a 'signature' of 1 to {EnvelopeLimits.MaxSignatureBytes} bytes, got {value.Length}");
        }
        signature = new EnvelopeSignature(reader.KeyId!, reader.Algorithm!.Value, header, value);
        return default;
    }

    private EnvelopeReadFault ReadHead(ReadOnlyMemory<byte> text)
    {
        if (StrictBase64Url.MaxDecodedLength(text.Length) > EnvelopeLimits.MaxHeadBytes)
        {
            return new(
                EnvelopeFault.OversizeHead,
                $"expected a head of at most {EnvelopeLimits.MaxHeadBytes} bytes as 'payload', got {text.Length} characters");
        }
        if (StrictBase64Url.Decode(text.Span) is not { } bytes) return NotBase64Url("payload");
        var signed = bytes.Length + _signatures.Sum(
            signature => StrictBase64Url.MaxDecodedLength(signature.HeaderText.Length) + signature.Value.Length);
        if (signed > EnvelopeLimits.MaxSignedBytes)
        {
            return new(
                EnvelopeFault.OversizeHead,
                $"expected a head with headers and signatures of at most {EnvelopeLimits.MaxSignedBytes} bytes, got {signed}");
        }
        if (!EnvelopeHead.TryParse(bytes, out var head, out var fault, out var detail)) return new(fault, detail);
        Head = head;
        foreach (var signature in _signatures)
        {
            signature.PayloadText = text;
        }
        return default;
    }

    // base64url text has no use for escapes, and without them the signing input is the wire's own bytes.
    private readonly EnvelopeReadFault ReadText(scoped ref StrictJsonReader json, string member, out ReadOnlyMemory<byte>? text)
    {
        text = null;
        if (json.Token != JsonToken.String) return EnvelopeReadFault.BadMember(member, "a string", json);
        if (json.HasEscapes) return NotBase64Url(member);
        text = _wire.Slice(json.ValueStart, json.Value.Length);
        return default;
    }

    private static EnvelopeReadFault NotBase64Url(string member) =>
        new(EnvelopeFault.BadBase64Url, $"expected '{member}' to be base64url without padding, escapes or spare bits, got something else");
}
