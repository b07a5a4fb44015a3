using System.Collections.Immutable;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Reads a head's bytes member by member. A signed object: a member it does not know is a fault.</summary>
internal struct EnvelopeHeadReader
{
    // Latest second of year 9999, the end of DateTimeOffset.
    public EnvelopeId? Id;
    public ImmutableArray<string> Audience;
    public Digest? Previous;
    public long? IssuedAt;
    public long? NotBefore;
    public long? ExpiresAt;
    public SeenCheckpoint? Seen;
    public Digest? ContentHash;

    public EnvelopeReadFault Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > EnvelopeLimits.MaxHeadBytes)
        {
            return new(EnvelopeFault.OversizeHead, $"expected a head of at most {EnvelopeLimits.MaxHeadBytes} bytes, got {bytes.Length}");
        }
        Span<(int, int)> names = stackalloc (int, int)[256];
        var json = new StrictJsonReader(bytes, names);
        if (!json.Read()) return EnvelopeReadFault.Of(json, "head");
        if (json.Token != JsonToken.StartObject) return EnvelopeReadFault.BadMember("head", "a JSON object", json);
        while (json.Read() && json.Token == JsonToken.Name)
        {
            var fault = ReadMember(ref json);
            if (!fault.IsNone) return fault;
        }
        if (json.Fault != JsonFault.None || !json.Read()) return EnvelopeReadFault.Of(json, "head");
        return Check();
    }

    private EnvelopeReadFault ReadMember(scoped ref StrictJsonReader json)
    {
        var name = json.Value;
        if (!json.Read()) return EnvelopeReadFault.Of(json, "head");
        if (name.SequenceEqual("jti"u8)) return ReadId(ref json);
        if (name.SequenceEqual("aud"u8)) return ReadAudience(ref json);
        if (name.SequenceEqual("prev"u8)) return ReadPrevious(ref json);
        if (name.SequenceEqual("iat"u8)) return ReadTime(ref json, "iat", out IssuedAt);
        if (name.SequenceEqual("nbf"u8)) return ReadTime(ref json, "nbf", out NotBefore);
        if (name.SequenceEqual("exp"u8)) return ReadTime(ref json, "exp", out ExpiresAt);
        if (name.SequenceEqual("seen"u8)) return ReadSeen(ref json);
        if (name.SequenceEqual("content"u8)) return ReadContent(ref json);
        return new(EnvelopeFault.UnknownMember, $"expected no other member in the head, got {Excerpt.Of(name)}");
    }

    private EnvelopeReadFault ReadId(scoped ref StrictJsonReader json)
    {
        Span<char> text = stackalloc char[EnvelopeId.MaxLength];
        if (!json.TryGetAscii(text, out var length) || !EnvelopeId.TryParse(text[..length], out var id))
        {
            return new(
                EnvelopeFault.BadId,
                $"expected 'jti' to be {{negotiation}}/{{sender}}/{{lane}}/{{sequence}}, got {Excerpt.Of(json.Value)}");
        }
        Id = id;
        return default;
    }

    private EnvelopeReadFault ReadAudience(scoped ref StrictJsonReader json)
    {
        if (json.Token != JsonToken.StartArray) return EnvelopeReadFault.BadMember("aud", "an array of names", json);
        var names = ImmutableArray.CreateBuilder<string>(2);
        Span<char> text = stackalloc char[RelayName.MaxLength];
        while (json.Read() && json.Token != JsonToken.EndArray)
        {
            if (!json.TryGetAscii(text, out var length) || !RelayName.IsValid(text[..length]))
            {
                return new(EnvelopeFault.BadAudience, $"expected each 'aud' to be the name of a delegation, got {Excerpt.Of(json.Value)}");
            }
            if (names.Count == EnvelopeLimits.MaxAddressees)
            {
                return new(EnvelopeFault.BadAudience, $"expected at most {EnvelopeLimits.MaxAddressees} in 'aud', got more");
            }
            var name = text[..length].ToString();
            if (names.Contains(name)) return new(EnvelopeFault.BadAudience, $"expected distinct names in 'aud', got '{name}' twice");
            names.Add(name);
        }
        if (json.Fault != JsonFault.None) return EnvelopeReadFault.Of(json, "head");
        if (names.Count == 0) return new(EnvelopeFault.BadAudience, "expected at least one name in 'aud', got none");
        Audience = names.DrainToImmutable();
        return default;
    }

    private EnvelopeReadFault ReadPrevious(scoped ref StrictJsonReader json)
    {
        if (json.Token != JsonToken.String || !Digest.TryParse(json.Value, out var digest))
        {
            return new(
                EnvelopeFault.BadPrevious,
                $"expected 'prev' to be a digest of {Digest.TextLength} base64url characters, got something else");
        }
        Previous = digest;
        return default;
    }

    private static EnvelopeReadFault ReadTime(scoped ref StrictJsonReader json, string member, out long? time)
    {
        time = null;
        if (!json.TryGetInteger(out var value) || value > StrictDecimal.MaxNumericDate)
        {
            return new(
                EnvelopeFault.BadTimes, $"expected '{member}' to be whole seconds since 1970 as an integer, got {Excerpt.Of(json.Value)}");
        }
        time = value;
        return default;
    }

    private EnvelopeReadFault ReadSeen(scoped ref StrictJsonReader json)
    {
        if (json.Token != JsonToken.StartObject) return EnvelopeReadFault.BadMember("seen", "an object", json);
        long? size = null;
        Digest? root = null;
        while (json.Read() && json.Token == JsonToken.Name)
        {
            var name = json.Value;
            if (!json.Read()) break;
            if (name.SequenceEqual("size"u8))
            {
                if (!json.TryGetInteger(out var value) || value > EnvelopeId.MaxSequence)
                {
                    return EnvelopeReadFault.BadMember("seen.size", "an integer from 0 to 2^53-1", json);
                }
                size = value;
            }
            else if (name.SequenceEqual("root"u8))
            {
                if (json.Token != JsonToken.String || !Digest.TryParse(json.Value, out var digest))
                {
                    return EnvelopeReadFault.BadMember("seen.root", "a hash of 43 base64url characters", json);
                }
                root = digest;
            }
            else
            {
                return new(EnvelopeFault.UnknownMember, $"expected no other member in 'seen', got {Excerpt.Of(name)}");
            }
        }
        if (json.Fault != JsonFault.None) return EnvelopeReadFault.Of(json, "head");
        if (size is null) return EnvelopeReadFault.Missing("seen.size");
        if (root is null) return EnvelopeReadFault.Missing("seen.root");
        Seen = new SeenCheckpoint(size.Value, root.Value);
        return default;
    }

    private EnvelopeReadFault ReadContent(scoped ref StrictJsonReader json)
    {
        if (json.Token != JsonToken.String || !Digest.TryParse(json.Value, out var hash))
        {
            return EnvelopeReadFault.BadMember("content", "the content's hash in 43 base64url characters", json);
        }
        ContentHash = hash;
        return default;
    }

    private readonly EnvelopeReadFault Check()
    {
        if (Id is not { } id) return EnvelopeReadFault.Missing("jti");
        if (Audience.IsDefault) return EnvelopeReadFault.Missing("aud");
        if (IssuedAt is not { } issued) return EnvelopeReadFault.Missing("iat");
        if (ExpiresAt is not { } expires) return EnvelopeReadFault.Missing("exp");
        if (ContentHash is null) return EnvelopeReadFault.Missing("content");
        if (Audience.Contains(id.Sender)) return new(EnvelopeFault.BadAudience, $"expected 'aud' without the sender, got '{id.Sender}'");
        if (id.Sequence == 1 && Previous is not null) return new(EnvelopeFault.BadPrevious, "expected no 'prev' on sequence 1, got one");
        if (id.Sequence > 1 && Previous is null)
        {
            return new(EnvelopeFault.BadPrevious, $"expected 'prev' on sequence {id.Sequence}, got none");
        }
        if (expires <= issued) return new(EnvelopeFault.BadTimes, $"expected 'exp' after 'iat' {issued}, got {expires}");
        if (expires - issued > (long)EnvelopeLimits.MaxLifetime.TotalSeconds)
        {
            return new(
                EnvelopeFault.BadTimes,
                $"expected 'exp' at most {EnvelopeLimits.MaxLifetime.TotalDays} days after 'iat', got {expires - issued} seconds");
        }
        if (NotBefore is { } notBefore && notBefore >= expires)
        {
            return new(EnvelopeFault.BadTimes, $"expected 'nbf' before 'exp' {expires}, got {notBefore}");
        }
        return default;
    }
}
