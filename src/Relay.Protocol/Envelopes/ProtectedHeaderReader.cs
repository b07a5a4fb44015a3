using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// Reads a protected header: exactly <c>alg</c>, <c>kid</c> and <c>typ</c>. What
/// else a header may carry changes how it is to be verified, so it is refused.
/// </summary>
internal struct ProtectedHeaderReader
{
    public const string Type = "relay-envelope";

    public JwsAlgorithm? Algorithm;
    public KeyIdentifier? KeyId;
    private bool _hasType;

    public EnvelopeReadFault Read(ReadOnlySpan<byte> text)
    {
        Span<byte> buffer = stackalloc byte[EnvelopeLimits.MaxHeaderBytes];
        if (StrictBase64Url.MaxDecodedLength(text.Length) > buffer.Length)
        {
            return new(
                EnvelopeFault.BadHeader, $"expected a protected header of at most {buffer.Length} bytes, got {text.Length} characters");
        }
        if (!StrictBase64Url.TryDecode(text, buffer, out var written))
        {
            return new(
                EnvelopeFault.BadBase64Url, "expected 'protected' to be base64url without padding or spare bits, got something else");
        }
        Span<(int, int)> names = stackalloc (int, int)[EnvelopeLimits.MaxMembersPerObject];
        var json = new StrictJsonReader(buffer[..written], names);
        if (!json.Read()) return Broken(json);
        if (json.Token != JsonToken.StartObject)
        {
            return new(EnvelopeFault.BadHeader, "expected a protected header that is a JSON object, got another value");
        }
        while (json.Read() && json.Token == JsonToken.Name)
        {
            var fault = ReadMember(ref json);
            if (!fault.IsNone) return fault;
        }
        if (json.Fault != JsonFault.None || !json.Read()) return Broken(json);
        if (Algorithm is null) return EnvelopeReadFault.Missing("alg");
        if (KeyId is null) return EnvelopeReadFault.Missing("kid");
        return _hasType ? default : EnvelopeReadFault.Missing("typ");
    }

    private EnvelopeReadFault ReadMember(scoped ref StrictJsonReader json)
    {
        var name = json.Value;
        if (!json.Read()) return Broken(json);
        Span<char> text = stackalloc char[KeyIdentifier.MaxLength];
        var isText = json.TryGetAscii(text, out var length);
        text = text[..length];
        if (name.SequenceEqual("alg"u8))
        {
            if (!isText || !JwsAlgorithms.TryParse(text, out var algorithm))
            {
                return new(
                    EnvelopeFault.UnsupportedAlgorithm,
                    $"expected 'alg' to be ES256, ES384, ES512, PS256, PS384, PS512 or MT-ES256, got {Excerpt.Of(json.Value)}");
            }
            Algorithm = algorithm;
            return default;
        }
        if (name.SequenceEqual("kid"u8))
        {
            if (!isText || !KeyIdentifier.TryParse(text, out KeyId))
            {
                return new(
                    EnvelopeFault.BadKeyId,
                    $"expected 'kid' to be https://{{vault}}/keys/{{name}}/{{version}}, got {Excerpt.Of(json.Value)}");
            }
            return default;
        }
        if (name.SequenceEqual("typ"u8))
        {
            if (!isText || text is not Type)
            {
                return new(EnvelopeFault.WrongType, $"expected 'typ' to be '{Type}', got {Excerpt.Of(json.Value)}");
            }
            _hasType = true;
            return default;
        }
        return IsForbidden(name)
            ? new(EnvelopeFault.ForbiddenHeader, $"expected no header member {Excerpt.Of(name)}, got one")
            : new(EnvelopeFault.UnknownMember, $"expected only 'alg', 'kid' and 'typ' in the protected header, got {Excerpt.Of(name)}");
    }

    private static bool IsForbidden(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("crit"u8) || name.SequenceEqual("jwk"u8) || name.SequenceEqual("jku"u8) || name.SequenceEqual("x5u"u8)
        || name.SequenceEqual("x5c"u8) || name.SequenceEqual("b64"u8);

    private static EnvelopeReadFault Broken(in StrictJsonReader json)
    {
        var fault = EnvelopeReadFault.Of(json, "protected header");
        return fault.Fault == EnvelopeFault.NotJson ? fault with { Fault = EnvelopeFault.BadHeader } : fault;
    }
}
