using System.Buffers.Text;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace FirstEnvelope;

/// <summary>
/// The vault of `relay up`, over Key Vault's REST API. A mediator that keeps its keys elsewhere still has to make the public half known
/// there: the relay reads it from the vault.
/// </summary>
internal sealed class LocalVault : IDisposable
{
    private const string Version = "?api-version=7.4";
    private readonly HttpClient _http;

    /// <param name="address">Of the vault.</param>
    /// <param name="thumbprint">SHA-256 of its certificate in hexadecimal: exactly this one is trusted.</param>
    public LocalVault(Uri address, string thumbprint)
    {
        var expected = Convert.FromHexString(thumbprint);
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is not null && certificate.GetCertHash(HashAlgorithmName.SHA256).AsSpan().SequenceEqual(expected),
        };
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = tls }) { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Token(address));
    }

    /// <summary>Puts a key made here into the vault, as the newest version of its name.</summary>
    /// <returns>The key's identifier with its version: what a signature names.</returns>
    public async Task<string> ImportAsync(string name, PrivateJwk key, CancellationToken cancellationToken)
    {
        var material = JsonNode.Parse(key.ToJson())!.AsObject();
        material.Remove("kid");
        material["key_ops"] = new JsonArray("sign", "verify");
        using var response = await _http.PutAsJsonAsync($"keys/{name}{Version}", new JsonObject { ["key"] = material }, cancellationToken);
        return (string)(await ReadAsync(response, cancellationToken))["kid"]!;
    }

    /// <summary>The public key of a name's newest version, and its identifier with that version.</summary>
    public async Task<(string KeyId, VerificationKey Key)> GetAsync(string name, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync($"keys/{name}{Version}", cancellationToken);
        var json = (await ReadAsync(response, cancellationToken)).ToJsonString();
        return PublicJwk.TryParse(Encoding.UTF8.GetBytes(json), out var jwk, out var error)
            && VerificationKey.TryCreate(jwk, out var key, out error)
            ? (jwk.KeyId!, key)
            : throw new InvalidDataException(error);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!["key"]!
            : throw new HttpRequestException($"The vault answered {(int)response.StatusCode}: {text}");
    }

    // The emulator takes any token that is not out of date; no real vault takes this one.
    private static string Token(Uri address)
    {
        static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
        var claims = new { sub = "first-envelope", aud = address.Host, exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() };
        return $"{Part(new { alg = "none", typ = "JWT" })}.{Part(claims)}.local";
    }
}
