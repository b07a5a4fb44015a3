using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Checker;

/// <summary>A compact JWS by a delegation's identity key, as the checker reads it.</summary>
/// <param name="KeyId">Identity key that is said to have signed, <c>{delegation}#{number}</c>.</param>
/// <param name="Payload">Bytes of the payload.</param>
/// <param name="Signed">What was signed: RFC 7515 section 5.1, step 8.</param>
/// <param name="Value">The signature.</param>
internal sealed partial record CheckedJws(string KeyId, byte[] Payload, byte[] Signed, byte[] Value)
{
    public static JsonDocumentOptions Strict => new() { AllowDuplicateProperties = false };

    public string Delegation => KeyId[..KeyId.IndexOf('#', StringComparison.Ordinal)];

    /// <summary>Null when it is something else, longer, or of another type.</summary>
    public static CheckedJws? Parse(string compact, int maxLength, string type)
    {
        var parts = compact.Split('.');
        if (compact.Length > maxLength || parts.Length != 3) return null;
        if (CheckText.Base64Url(parts[0]) is not { } header || CheckText.Base64Url(parts[1]) is not { } payload) return null;
        if (CheckText.Base64Url(parts[2]) is not { Length: 64 } value) return null;
        try
        {
            using var json = JsonDocument.Parse(header, Strict);
            var read = json.RootElement;
            if (!Is(read, ["alg", "kid", "typ"]) || read.GetProperty("alg").GetString() != "ES256") return null;
            if (read.GetProperty("typ").GetString() != type) return null;
            var keyId = read.GetProperty("kid").GetString() ?? "";
            return KeyIdText().IsMatch(keyId) ? new(keyId, payload, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), value) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>True for an object with exactly these members, given in the order of their names.</summary>
    public static bool Is(JsonElement json, string[] names) =>
        json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal).SequenceEqual(names);

    /// <summary>True when this key has signed it.</summary>
    public bool IsSignedBy(ECParameters key)
    {
        using var ecdsa = ECDsa.Create(key);
        return ecdsa.VerifyData(Signed, Value, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,49}#[1-9][0-9]{0,8}\z")]
    private static partial Regex KeyIdText();
}
