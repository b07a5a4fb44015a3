using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Protocol.Signatures;
using Relay.Protocol.Keys;

namespace Relay.Checker;

/// <summary>A certificate of a checkpoint key as the checker reads it.</summary>
internal sealed class CheckedCertificate
{
    private readonly string _algorithm;
    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly ECParameters _key;

    private CheckedCertificate(JsonElement header, JsonElement payload, byte[] signed, byte[] signature)
    {
        _algorithm = Text(header, "alg");
        VaultKey = Text(header, "kid");
        OriginPrefix = Text(payload, "origin-prefix");
        NotBefore = payload.GetProperty("nbf").GetInt64();
        ExpiresAt = payload.GetProperty("exp").GetInt64();
        _key = CheckText.ReadP256(payload.GetProperty("jwk"));
        _signed = signed;
        _signature = signature;
        using var key = ToKey();
        KeyId = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 4));
        if (Text(header, "typ") != "relay-checkpoint-key") throw new KeyNotFoundException();
    }

    /// <summary>Key id in notes: 8 hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <summary>Identifier, with version, of the vault key that is said to have signed.</summary>
    public string VaultKey { get; }

    public string OriginPrefix { get; }

    /// <summary>Seconds since 1970.</summary>
    public long NotBefore { get; }

    /// <summary>Seconds since 1970.</summary>
    public long ExpiresAt { get; }

    public static CheckedCertificate? Parse(ReadOnlySpan<byte> compact)
    {
        var parts = Encoding.ASCII.GetString(compact).Split('.');
        if (parts.Length != 3
            || CheckText.Base64Url(parts[0]) is not { } header
            || CheckText.Base64Url(parts[1]) is not { } payload
            || CheckText.Base64Url(parts[2]) is not { } signature)
        {
            return null;
        }
        try
        {
            using var headerJson = JsonDocument.Parse(header);
            using var payloadJson = JsonDocument.Parse(payload);
            return new CheckedCertificate(
                headerJson.RootElement, payloadJson.RootElement, compact[..(parts[0].Length + 1 + parts[1].Length)].ToArray(), signature);
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            return null;
        }
    }

    public ECDsa ToKey() => ECDsa.Create(_key);

    /// <summary>Null when it covers the origin, lives an hour at most, and, where the vault's key is given, is signed by that.</summary>
    public string? Verify(string origin, PublicJwk? vaultKey)
    {
        var negotiation = origin.StartsWith(OriginPrefix, StringComparison.Ordinal) && OriginPrefix.EndsWith('/')
            ? origin[OriginPrefix.Length..]
            : "";
        if (!CheckText.IsName(negotiation)) return $"expected a certificate for {origin}, got one for {OriginPrefix}";
        if (ExpiresAt <= NotBefore || ExpiresAt - NotBefore > 3600)
        {
            return $"expected a certificate of at most an hour, got {ExpiresAt - NotBefore} s";
        }
        if (vaultKey is null) return null;
        if (!VerificationKey.TryCreate(vaultKey, out var key, out var error)) return error;
        using (key)
        {
            if (!JwsAlgorithms.TryParse(_algorithm, out var algorithm) || algorithm == JwsAlgorithm.MTES256)
            {
                return $"expected a signature algorithm, got '{_algorithm}'";
            }
            return key.Verify(algorithm, _signed, _signature) is SignatureFault.None
                ? null
                : $"expected a signature by {VaultKey}, got one that does not verify";
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new KeyNotFoundException(name);
}
