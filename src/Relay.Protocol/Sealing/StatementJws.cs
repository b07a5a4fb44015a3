using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>
/// A statement as compact JWS (RFC 7515 section 7.1): header exactly <c>alg</c>
/// ES256, <c>kid</c>, <c>typ</c> relay-statement, <c>cty</c>, <c>jti</c>,
/// <c>aud</c>; payload the body.
/// </summary>
internal sealed class StatementJws
{
    public const string Type = "relay-statement";
    public const int MaxContentTypeLength = 128;
    private const int SignatureSize = 64;
    private const int SignatureTextLength = 86;

    // 64 names of 50 characters, an id, a key id and a content type fit in with room to spare.
    private const int MaxHeaderBytes = 8 * 1024;

    private StatementJws()
    {
    }

    public required string Id { get; init; }

    public required ImmutableArray<string> Audience { get; init; }

    public required string ContentType { get; init; }

    public required string KeyId { get; init; }

    /// <summary>Bytes of the compact text that are signed: everything before the second dot.</summary>
    public required int SigningInputLength { get; init; }

    public required byte[] Signature { get; init; }

    /// <summary>Header, body and signature as ASCII; holds the secret body, so the caller wipes it.</summary>
    public static async ValueTask<byte[]> SignAsync(StatementDraft draft, IJwsSigner identity, CancellationToken cancellationToken)
    {
        var header = StrictBase64Url.EncodeToUtf8(WriteHeader(draft, identity.KeyId));
        var body = StrictBase64Url.EncodeToUtf8(draft.Body.Span);
        var text = new byte[header.Length + 1 + body.Length + 1 + SignatureTextLength];
        EnvelopeSignature.WriteSigningInput(header, body, text);
        CryptographicOperations.ZeroMemory(body);
        var length = header.Length + 1 + body.Length;
        var signature = await identity.SignAsync(SHA256.HashData(text.AsSpan(0, length)), cancellationToken).ConfigureAwait(false);
        if (signature.Length != SignatureSize)
        {
            throw new InvalidOperationException(
                $"Expected an ES256 signature of {SignatureSize} bytes from {identity.KeyId}, got {signature.Length}.");
        }
        text[length] = (byte)'.';
        StrictBase64Url.EncodeToUtf8(signature).CopyTo(text.AsSpan(length + 1));
        return text;
    }

    /// <summary>Reads without verifying; the body is decoded by <see cref="DecodeBody"/> once the signature holds.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out StatementJws? statement, out string detail)
    {
        statement = null;
        detail = "expected header, body and signature as strict base64url with two dots, got something else";
        var first = text.IndexOf((byte)'.');
        var last = text.LastIndexOf((byte)'.');
        if (first < 0 || last == first || text.Length - last - 1 != SignatureTextLength) return false;
        if (StrictBase64Url.Decode(text[(last + 1)..]) is not { } signature || text[(first + 1)..last].Contains((byte)'.')) return false;
        if (StrictBase64Url.MaxDecodedLength(first) > MaxHeaderBytes || StrictBase64Url.Decode(text[..first]) is not { } header)
        {
            return false;
        }
        if (!StrictJsonDocument.TryParse(header, MaxHeaderBytes, out var document, out detail)) return false;
        using (document)
        {
            return TryReadHeader(document.RootElement, last, signature, out statement, out detail);
        }
    }

    /// <summary>The body between the two dots; null when it is not strict base64url.</summary>
    public byte[]? DecodeBody(ReadOnlySpan<byte> text) => StrictBase64Url.Decode(text[(text.IndexOf((byte)'.') + 1)..SigningInputLength]);

    public static bool IsContentType([NotNullWhen(true)] string? contentType) =>
        contentType is { Length: > 0 and <= MaxContentTypeLength } && !contentType.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool TryReadHeader(
        JsonElement header, int length, byte[] signature, [NotNullWhen(true)] out StatementJws? statement, out string detail)
    {
        statement = null;
        detail = "expected a header of exactly alg ES256, kid, typ relay-statement, cty, jti and aud, got another";
        if (header.ValueKind != JsonValueKind.Object || header.GetPropertyCount() != 6) return false;
        if (Text(header, "alg") != "ES256" || Text(header, "typ") != Type) return false;
        if (Text(header, "kid") is not { } keyId || Text(header, "jti") is not { } id || Text(header, "cty") is not { } contentType)
        {
            return false;
        }
        if (!IsContentType(contentType) || !header.TryGetProperty("aud", out var audience) || audience.ValueKind != JsonValueKind.Array)
        {
            return false;
        }
        if (audience.GetArrayLength() > EnvelopeLimits.MaxAddressees) return false;
        var names = ImmutableArray.CreateBuilder<string>(audience.GetArrayLength());
        foreach (var name in audience.EnumerateArray())
        {
            if (name.ValueKind != JsonValueKind.String) return false;
            names.Add(name.GetString()!);
        }
        statement = new StatementJws
        {
            Id = id,
            Audience = names.MoveToImmutable(),
            ContentType = contentType,
            KeyId = keyId,
            SigningInputLength = length,
            Signature = signature,
        };
        detail = "";
        return true;
    }

    private static string? Text(JsonElement header, string name) =>
        header.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] WriteHeader(StatementDraft draft, string keyId)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("alg"u8, "ES256"u8);
            json.WriteString("kid"u8, keyId);
            json.WriteString("typ"u8, Type);
            json.WriteString("cty"u8, draft.ContentType);
            json.WriteString("jti"u8, draft.Id.ToString());
            json.WriteStartArray("aud"u8);
            foreach (var name in draft.Audience)
            {
                json.WriteStringValue(name);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
