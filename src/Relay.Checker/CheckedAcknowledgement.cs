using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>An acknowledgement in an entry, as the checker reads it.</summary>
/// <param name="Id">The envelope id.</param>
/// <param name="Stream"><c>{sender}-{lane}</c>.</param>
/// <param name="Sequence">Of the envelope.</param>
/// <param name="Digest">Of the envelope.</param>
/// <param name="State">"opened", or "refused" with the reason.</param>
/// <param name="KeyId">Identity key that is said to have signed, <c>{delegation}#{number}</c>.</param>
/// <param name="Signed">What was signed: RFC 7515 section 5.1, step 8.</param>
/// <param name="Value">The signature.</param>
internal sealed partial record CheckedAcknowledgement(
    string Id, string Stream, long Sequence, Digest Digest, string State, string KeyId, byte[] Signed, byte[] Value)
{
    public string Delegation => KeyId[..KeyId.IndexOf('#', StringComparison.Ordinal)];

    /// <summary>Null when it is something else, or of another negotiation.</summary>
    public static CheckedAcknowledgement? Parse(string compact, string negotiation)
    {
        var parts = compact.Split('.');
        if (compact.Length > 1024 || parts.Length != 3) return null;
        if (CheckText.Base64Url(parts[0]) is not { } header || CheckText.Base64Url(parts[1]) is not { } payload) return null;
        if (CheckText.Base64Url(parts[2]) is not { Length: 64 } value) return null;
        try
        {
            using var headerJson = JsonDocument.Parse(header, Strict);
            using var payloadJson = JsonDocument.Parse(payload, Strict);
            var read = headerJson.RootElement;
            if (!Is(read, ["alg", "kid", "typ"]) || read.GetProperty("alg").GetString() != "ES256") return null;
            if (read.GetProperty("typ").GetString() != "relay-acknowledgement") return null;
            var keyId = read.GetProperty("kid").GetString() ?? "";
            return KeyIdText().IsMatch(keyId)
                ? Read(payloadJson.RootElement, negotiation, keyId, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), value)
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>True when this key has signed it.</summary>
    public bool IsSignedBy(ECParameters key)
    {
        using var ecdsa = ECDsa.Create(key);
        return ecdsa.VerifyData(Signed, Value, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static JsonDocumentOptions Strict => new() { AllowDuplicateProperties = false };

    private static CheckedAcknowledgement? Read(JsonElement payload, string negotiation, string keyId, byte[] signed, byte[] value)
    {
        var state = payload.GetProperty("state").GetString();
        var reason = state == "refused" ? payload.GetProperty("reason").GetString() ?? "" : null;
        if (state is not ("opened" or "refused") || (reason is not null && !Reason().IsMatch(reason))) return null;
        if (!Is(payload, reason is null ? ["digest", "iat", "jti", "state"] : ["digest", "iat", "jti", "reason", "state"])) return null;
        var id = payload.GetProperty("jti").GetString() ?? "";
        if (!CheckText.TryId(id, out var ledger, out var stream, out var sequence) || ledger != negotiation) return null;
        if (!CheckText.TryUrlDigest(payload.GetProperty("digest").GetString(), out var digest)) return null;
        if (!CheckText.TryNumber(payload.GetProperty("iat").GetRawText(), out _)) return null;
        return new CheckedAcknowledgement(
            id, stream, sequence, digest, reason is null ? state : $"refused ({reason})", keyId, signed, value);
    }

    private static bool Is(JsonElement json, string[] names) =>
        json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).SequenceEqual(names);

    [System.Text.RegularExpressions.GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,49}#[1-9][0-9]{0,8}\z")]
    private static partial System.Text.RegularExpressions.Regex KeyIdText();

    [System.Text.RegularExpressions.GeneratedRegex(@"^(?=.{1,64}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial System.Text.RegularExpressions.Regex Reason();
}
