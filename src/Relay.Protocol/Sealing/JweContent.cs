using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>
/// A JWE of this format as read (RFC 7516 section 7.2, General or Flattened),
/// not yet decrypted. The head that the mediators sign names it by
/// its hash, so a member it does not know is a fault.
/// </summary>
internal sealed class JweContent
{
    private const int MaxHeaderBytes = 2 * 1024;

    private JweContent()
    {
    }

    /// <summary>base64url text of the protected header; part of what the tag covers.</summary>
    public required byte[] HeaderText { get; init; }

    /// <summary><c>com</c> of the protected header: what the plaintext must hash to.</summary>
    public required Digest Commitment { get; init; }

    public required byte[] AadText { get; init; }

    public required byte[] Iv { get; init; }

    public required byte[] Ciphertext { get; init; }

    public required byte[] Tag { get; init; }

    public required IReadOnlyList<JweRecipient> Recipients { get; init; }

    public static bool TryRead(
        ReadOnlySpan<byte> json, int maxBytes, [NotNullWhen(true)] out JweContent? content, out SealingFault fault, out string detail)
    {
        content = null;
        fault = SealingFault.Malformed;
        if (!StrictJsonDocument.TryParse(json, maxBytes, out var document, out detail, EnvelopeLimits.MaxMembersPerObject)) return false;
        using (document)
        {
            return TryRead(document.RootElement, out content, out fault, out detail);
        }
    }

    private static bool TryRead(JsonElement jwe, [NotNullWhen(true)] out JweContent? content, out SealingFault fault, out string detail)
    {
        content = null;
        fault = SealingFault.Malformed;
        detail =
            "expected a JWE with protected, aad, iv, ciphertext, tag and recipients, or header and encrypted_key for one, and nothing else";
        if (!HasOnly(jwe, "protected", "aad", "iv", "ciphertext", "tag", "recipients", "header", "encrypted_key")) return false;
        if (jwe.Text("protected") is not { } headerText || jwe.Text("aad") is not { } aadText) return false;
        if (Bytes(jwe, "iv") is not { } iv || Bytes(jwe, "ciphertext") is not { } ciphertext || Bytes(jwe, "tag") is not { } tag)
        {
            return false;
        }
        if (iv.Length != ContentCipher.IvSize || tag.Length != ContentCipher.TagSize)
        {
            detail =
                $"expected an iv of {ContentCipher.IvSize} and a tag of {ContentCipher.TagSize} bytes, got {iv.Length} and {tag.Length}";
            return false;
        }
        if (StrictBase64Url.Decode(headerText) is not { } header
            || !StrictJsonDocument.TryParse(
                header, MaxHeaderBytes, out var shared, out detail, EnvelopeLimits.MaxMembersPerObject)) return false;
        using (shared)
        {
            if (!Digest.TryParse(shared.RootElement.Text(JweNames.Commitment), out var commitment))
            {
                detail = $"expected '{JweNames.Commitment}' of {Digest.TextLength} base64url characters in the protected header, got none";
                return false;
            }
            if (!TryReadRecipients(jwe, shared.RootElement, out var recipients, out fault, out detail)) return false;
            content = new JweContent
            {
                HeaderText = System.Text.Encoding.ASCII.GetBytes(headerText),
                Commitment = commitment,
                AadText = System.Text.Encoding.UTF8.GetBytes(aadText),
                Iv = iv,
                Ciphertext = ciphertext,
                Tag = tag,
                Recipients = recipients,
            };
            return true;
        }
    }

    private static bool TryReadRecipients(
        JsonElement jwe, JsonElement shared, out List<JweRecipient> recipients, out SealingFault fault, out string detail)
    {
        recipients = [];
        fault = SealingFault.Malformed;
        if (!jwe.TryGetProperty("recipients", out var array)) return TryAddRecipient(jwe, shared, recipients, out fault, out detail);
        detail = $"expected 1 to {EnvelopeLimits.MaxAddressees} recipients in the general form, got something else";
        if (jwe.TryGetProperty("header", out _) || jwe.TryGetProperty("encrypted_key", out _)) return false;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > EnvelopeLimits.MaxAddressees) return false;
        foreach (var element in array.EnumerateArray())
        {
            if (!HasOnly(element, "header", "encrypted_key"))
            {
                fault = SealingFault.Malformed;
                detail = "expected each recipient to be an object of header and encrypted_key, got something else";
                return false;
            }
            if (!TryAddRecipient(element, shared, recipients, out fault, out detail)) return false;
        }
        if (recipients.Count > 1 && recipients.Exists(r => r.IsDirect))
        {
            fault = SealingFault.Malformed;
            detail = $"expected {JweNames.Direct} for one recipient alone, got {recipients.Count}";
            return false;
        }
        fault = SealingFault.None;
        detail = "";
        return true;
    }

    private static bool TryAddRecipient(
        JsonElement element, JsonElement shared, List<JweRecipient> recipients, out SealingFault fault, out string detail)
    {
        fault = SealingFault.Malformed;
        detail =
            "expected header members alg, enc, com, kid and epk or ek, each once over both headers, with enc and com in the protected one, "
                + "got something else";
        JsonElement? own = element.TryGetProperty("header", out var header) ? header : null;
        if (!HasOnly(shared, "alg", "enc", "epk", "kid", JweNames.Encapsulation, JweNames.Commitment)
            || (own is { } o && (!HasOnly(o, "alg", "epk", "kid", JweNames.Encapsulation) || Overlaps(shared, o))))
        {
            return false;
        }
        var algorithm = Joined(shared, own, "alg");
        var encryption = shared.Text("enc");
        if (Joined(shared, own, "kid") is not { ValueKind: JsonValueKind.String } keyId) return false;
        var name = algorithm is { ValueKind: JsonValueKind.String } a ? a.GetString() : null;
        if (!JweNames.TryParse(name, out var known) || encryption != JweNames.Encryption)
        {
            fault = SealingFault.UnsupportedAlgorithm;
            detail =
                $"expected {JweNames.Wrapped}, {JweNames.Direct} or {JweNames.Hybrid} with {JweNames.Encryption}, "
                    + $"got {Excerpt.Of(name)} with {Excerpt.Of(encryption)}";
            return false;
        }
        // A member of the other family is one that nobody here would look at.
        var (ephemeral, encapsulation) = (Joined(shared, own, "epk"), Joined(shared, own, JweNames.Encapsulation));
        if (known == JweAlgorithm.Hybrid ? ephemeral is not null || encapsulation is null : ephemeral is null || encapsulation is not null)
        {
            return false;
        }
        var size = JweNames.EncryptedKeySize(known);
        var encryptedKey = Bytes(element, "encrypted_key");
        if (size == 0 ? element.TryGetProperty("encrypted_key", out _) : encryptedKey?.Length != size)
        {
            detail = size == 0
                ? "expected no encrypted_key with direct agreement, got one"
                : $"expected an encrypted_key of {size} bytes with {name}, got something else";
            return false;
        }
        var kid = keyId.GetString()!;
        if (recipients.Exists(r => r.KeyId == kid))
        {
            detail = $"expected distinct recipients, got {Excerpt.Of(kid)} twice";
            return false;
        }
        if (!TryReadSender(ephemeral, encapsulation, out var key, out var encapsulated, out detail))
        {
            fault = SealingFault.BadEphemeralKey;
            return false;
        }
        recipients.Add(new JweRecipient(kid, known, encryptedKey ?? [], key, encapsulated));
        fault = SealingFault.None;
        return true;
    }

    // The sender's half: of epk and ek the one that is there.
    private static bool TryReadSender(
        JsonElement? ephemeral, JsonElement? encapsulation, out PublicJwk? key, out byte[]? encapsulated, out string detail)
    {
        (key, encapsulated, detail) = (null, null, "");
        if (ephemeral is { } epk)
        {
            if (PublicJwk.TryRead(epk, out key, out var error) && key.Kind == JwkKind.P256) return true;
            detail = $"epk: {(error.Length > 0 ? error : "expected a key on P-256, got another kind")}";
            return false;
        }
        encapsulated = encapsulation is { ValueKind: JsonValueKind.String } ek ? StrictBase64Url.Decode(ek.GetString()!) : null;
        if (HybridKey.IsEncapsulation(encapsulated)) return true;
        detail = $"ek: expected {HybridKey.EncapsulationSize} bytes that end in a point on P-256, got something else";
        return false;
    }

    private static JsonElement? Joined(JsonElement shared, JsonElement? own, string name) =>
        shared.TryGetProperty(name, out var value) || (own?.TryGetProperty(name, out value) ?? false) ? value : null;

    private static bool Overlaps(JsonElement shared, JsonElement own)
    {
        foreach (var member in own.EnumerateObject())
        {
            if (shared.TryGetProperty(member.Name, out _)) return true;
        }
        return false;
    }

    private static bool HasOnly(JsonElement element, params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object) return false;
        foreach (var member in element.EnumerateObject())
        {
            if (!names.Contains(member.Name)) return false;
        }
        return true;
    }

    private static byte[]? Bytes(JsonElement element, string name) => element.Text(name) is { } text ? StrictBase64Url.Decode(text) : null;
}
