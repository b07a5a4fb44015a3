using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Keys;

/// <summary>
/// Members of a JWK object that has already passed the strict reader. Members this format has no use for (RFC 7517 section 4) are ignored.
/// </summary>
internal readonly struct JwkFields(JsonElement element)
{
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

    public string? Text(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Decoded base64url; null when absent or not strict.</summary>
    public byte[]? Bytes(string name) => Text(name) is { } text ? StrictBase64Url.Decode(text) : null;

    public JwkUse Use()
    {
        var use = element.TryGetProperty("use", out _) ? Text("use") ?? "" : null;
        var verifies = true;
        // A public key for agreement has no operation of its own (RFC 7517 section 4.3), so key_ops speaks about verifying alone.
        if (element.TryGetProperty("key_ops", out var operations))
        {
            verifies = operations.ValueKind == JsonValueKind.Array
                && operations.EnumerateArray().Any(o => o.ValueKind == JsonValueKind.String && o.GetString() == "verify");
        }
        var algorithm = element.TryGetProperty("alg", out _) ? Text("alg") ?? "" : null;
        return new JwkUse(verifies && (use is null or "sig"), (use is null or "enc") && Agrees(algorithm), algorithm);
    }

    // A key belongs to one algorithm: on P-256 there is HPKE too, and a key for that is none for ECDH-ES (draft-ietf-jose-hpke-encrypt
    // section 9.1).
    private bool Agrees(string? algorithm) =>
        algorithm is null || algorithm.StartsWith("ECDH-ES", StringComparison.Ordinal) || Text("kty") == "AKP";

    public bool TryCheckPublic(out string error)
    {
        if (!TryCheckType(out error)) return false;
        foreach (var name in PrivateMembers)
        {
            if (!element.TryGetProperty(name, out _)) continue;
            error = $"expected a public key, got one with the private member '{name}'";
            return false;
        }
        return true;
    }

    public bool TryCheckType(out string error)
    {
        error = "";
        if (element.ValueKind != JsonValueKind.Object) error = "expected a JWK as a JSON object, got another value";
        else if (element.TryGetProperty("kid", out var kid) && kid.ValueKind != JsonValueKind.String)
        {
            error = "expected 'kid' to be a string, got another value";
        }
        else if (Text("kty") is not ("EC" or "RSA" or "AKP")) error = $"expected 'kty' to be EC, RSA or AKP, got {Excerpt.Of(Text("kty"))}";
        else if (Text("kty") == "EC" && EcCurve.Find(Text("crv")) is null)
        {
            error = $"expected 'crv' to be P-256, P-384 or P-521, got {Excerpt.Of(Text("crv"))}";
        }
        else if (Text("kty") == "AKP" && Text("alg") != HybridKey.Algorithm)
        {
            error = $"expected 'alg' of an AKP key to be {HybridKey.Algorithm}, got {Excerpt.Of(Text("alg"))}";
        }
        return error.Length == 0;
    }
}
