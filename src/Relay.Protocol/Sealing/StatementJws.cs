using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>
/// A statement as compact JWS with detached payload (RFC 7515 section 7.1 and appendix F): header exactly
/// <c>alg</c> ES256, <c>kid</c>, <c>typ</c> relay-statement, <c>cty</c>, <c>jti</c>,
/// <c>aud</c>; payload the body, which travels beside it as it is.
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

    /// <summary>The header as base64url text.</summary>
    public required byte[] HeaderText { get; init; }

    public required byte[] Signature { get; init; }

    /// <summary>Header and signature as ASCII, with nothing between the two dots.</summary>
    public static async ValueTask<byte[]> SignAsync(StatementDraft draft, IJwsSigner identity, CancellationToken cancellationToken)
    {
        var header = StrictBase64Url.EncodeToUtf8(WriteHeader(draft, identity.KeyId));
        var input = SigningInput(header, draft.Body.Span);
        var hash = SHA256.HashData(input);
        CryptographicOperations.ZeroMemory(input);
        var signature = await identity.SignAsync(hash, cancellationToken).ConfigureAwait(false);
        if (signature.Length != SignatureSize)
        {
            throw new InvalidOperationException(
                $"Expected an ES256 signature of {SignatureSize} bytes from {identity.KeyId}, got {signature.Length}.");
        }
        return [.. header, (byte)'.', (byte)'.', .. StrictBase64Url.EncodeToUtf8(signature)];
    }

    /// <summary>Reads without verifying.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out StatementJws? statement, out string detail)
    {
        statement = null;
        detail = "expected header and signature as strict base64url with two dots between them, got something else";
        var first = text.IndexOf((byte)'.');
        if (first < 0 || text.Length - first - 2 != SignatureTextLength || text[first + 1] != (byte)'.') return false;
        if (StrictBase64Url.Decode(text[(first + 2)..]) is not { } signature) return false;
        if (StrictBase64Url.MaxDecodedLength(first) > MaxHeaderBytes || StrictBase64Url.Decode(text[..first]) is not { } header)
        {
            return false;
        }
        if (!StrictJsonDocument.TryParse(header, MaxHeaderBytes, out var document, out detail)) return false;
        using (document)
        {
            return TryReadHeader(document.RootElement, text[..first].ToArray(), signature, out statement, out detail);
        }
    }

    /// <summary>Verifies over the header and the body that travelled beside it.</summary>
    public bool Verify(VerificationKey key, ReadOnlySpan<byte> body)
    {
        var input = SigningInput(HeaderText, body);
        try
        {
            return key.Verify(JwsAlgorithm.ES256, input, Signature) == SignatureFault.None;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }

    public static bool IsContentType([NotNullWhen(true)] string? contentType) =>
        contentType is { Length: > 0 and <= MaxContentTypeLength } && !contentType.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool TryReadHeader(
        JsonElement header, byte[] headerText, byte[] signature, [NotNullWhen(true)] out StatementJws? statement, out string detail)
    {
        statement = null;
        detail = "expected a header of exactly alg ES256, kid, typ relay-statement, cty, jti and aud, got another";
        if (header.ValueKind != JsonValueKind.Object || header.GetPropertyCount() != 6) return false;
        if (header.Text("alg") != "ES256" || header.Text("typ") != Type) return false;
        if (header.Text("kid") is not { } keyId || header.Text("jti") is not { } id || header.Text("cty") is not { } contentType)
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
            HeaderText = headerText,
            Signature = signature,
        };
        detail = "";
        return true;
    }

    // Holds the secret body, so the caller wipes it.
    private static byte[] SigningInput(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body)
    {
        var input = new byte[header.Length + 1 + Base64Url.GetEncodedLength(body.Length)];
        header.CopyTo(input);
        input[header.Length] = (byte)'.';
        Base64Url.EncodeToUtf8(body, input.AsSpan(header.Length + 1));
        return input;
    }

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
