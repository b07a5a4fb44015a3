using System.Net;
using System.Security.Cryptography;
using Azure;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace StandIns.Tests.KeyVault;

public sealed class CryptographyClientTests
{
    private const string Version = "0123456789abcdef0123456789abcdef";
    private static readonly byte[] Data = "hello"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_WithAVaultKey_FetchesItOnceAndIsLocalThen()
    {
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key());
        var client = Client("local", handler);
        var results = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => client.VerifyDataAsync(SignatureAlgorithm.ES256, Data, new byte[64], Cancel)));

        Assert.All(results, result => Assert.False(result.IsValid));
        Assert.Equal(2, handler.Requests.Count);
        Assert.Equal($"/keys/k/{Version}", handler.Requests[1].Uri.AbsolutePath);
    }

    [Fact]
    public async Task Verify_WithADisabledAndExpiredKey_IsStillLocal()
    {
        // The bundle's exp is 1970: the official client does not look, and neither may the stand-in.
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = pair.ExportParameters(false).Q;
        var body = $$$"""{"key":{"kid":"https://old.vault.azure.net/keys/k/{{{Version}}}","kty":"EC","key_ops":["verify"],"crv":"P-256","x":"{{{Url(q.X!)}}}","y":"{{{Url(q.Y!)}}}"},"attributes":{"enabled":false,"exp":2}}""";
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Json(HttpStatusCode.OK, body));
        var result = await Client("old", handler).VerifyDataAsync(
            SignatureAlgorithm.ES256, Data, pair.SignData(Data, HashAlgorithmName.SHA256), Cancel);

        Assert.True(result.IsValid);
    }

    [Fact]
    public async Task Verify_WhereTheKeyMayNotBeRead_GoesToTheVaultForGood()
    {
        const string Refused = """{"error":{"code":"Forbidden","message":"no get","innererror":{"code":"ForbiddenByRbac"}}}""";
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.Forbidden, Refused),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"value":true}"""),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"value":false}"""));
        var client = Client("unreadable", handler);

        Assert.True((await client.VerifyDataAsync(SignatureAlgorithm.ES256, Data, [1, 2], Cancel)).IsValid);
        Assert.False((await client.VerifyDataAsync(SignatureAlgorithm.ES256, Data, [1, 2], Cancel)).IsValid);
        Assert.Equal($"/keys/k/{Version}/verify", handler.Requests[2].Uri.AbsolutePath);
        Assert.Equal($$"""{"alg":"ES256","digest":"{{Url(SHA256.HashData(Data))}}","value":"AQI"}""", handler.Requests[2].Body);
    }

    [Fact]
    public async Task Verify_WhereTheFetchFailsOtherwise_ThrowsAndTriesAgainNextTime()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.NotFound, """{"error":{"code":"KeyNotFound","message":"none"}}"""),
            _ => ScriptedHandler.Key());
        var client = Client("later", handler);

        await Assert.ThrowsAsync<RequestFailedException>(
            () => client.VerifyDataAsync(SignatureAlgorithm.ES256, Data, new byte[64], Cancel));
        Assert.False((await client.VerifyDataAsync(SignatureAlgorithm.ES256, Data, new byte[64], Cancel)).IsValid);
    }

    [Fact]
    public async Task Verify_WithAKeyWhoseOpsLackVerify_GoesToTheVault()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, $$$"""{"key":{"kid":"https://ops.vault.azure.net/keys/k/{{{Version}}}","kty":"EC","key_ops":["sign"],"crv":"P-256","x":"AA","y":"AA"},"attributes":{}}"""),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"value":true}"""));
        Assert.True((await Client("ops", handler).VerifyDataAsync(SignatureAlgorithm.ES256, Data, new byte[64], Cancel)).IsValid);
    }

    [Fact]
    public async Task Sign_WithAVaultKey_GoesToTheVaultWithoutFetchingIt()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, $$"""{"kid":"https://sign.vault.azure.net/keys/k/{{Version}}","value":"AQID"}"""));
        var result = await Client("sign", handler).SignDataAsync(SignatureAlgorithm.ES384, Data, Cancel);

        Assert.Equal($"https://sign.vault.azure.net/keys/k/{Version}", result.KeyId);
        Assert.Equal([1, 2, 3], result.Signature);
        Assert.Equal($$"""{"alg":"ES384","value":"{{Url(SHA384.HashData(Data))}}"}""", handler.Requests[1].Body);
    }

    [Fact]
    public async Task LocalClient_WithAPrivateKey_SignsAndVerifies()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var both = new CryptographyClient(
            new JsonWebKey(pair, includePrivateParameters: true) { Id = "https://v.vault.azure.net/keys/k/v" });
        var publicOnly = new CryptographyClient(new JsonWebKey(pair));
        var signed = await both.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);

        Assert.Equal("https://v.vault.azure.net/keys/k/v", signed.KeyId);
        Assert.True((await publicOnly.VerifyDataAsync(SignatureAlgorithm.ES256, Data, signed.Signature, Cancel)).IsValid);
        await Assert.ThrowsAsync<NotSupportedException>(() => publicOnly.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel));
    }

    [Theory]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public async Task LocalClient_WithAnAlgorithmThatDoesNotFit_IsAnArgumentException(string algorithm)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new CryptographyClient(new JsonWebKey(pair));
        await Assert.ThrowsAsync<ArgumentException>(() => client.VerifyDataAsync(algorithm, Data, new byte[64], Cancel));
    }

    [Fact]
    public async Task LocalClient_WithAnAlgorithmItDoesNotKnow_IsNotSupported()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new CryptographyClient(new JsonWebKey(pair));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.VerifyDataAsync("none", Data, [], Cancel));
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            new CryptographyClient(
                new JsonWebKey([KeyOperation.Verify]) { KeyType = KeyType.Oct, K = [1] })
                .VerifyDataAsync(SignatureAlgorithm.RS256, Data, [], Cancel));
    }

    private static string Url(byte[] value) => System.Buffers.Text.Base64Url.EncodeToString(value);

    private static CryptographyClient Client(string host, ScriptedHandler handler) => new(
        new Uri($"https://crypto-{host}.vault.azure.net/keys/k/{Version}"),
        new RecordingCredential(),
        new CryptographyClientOptions
        {
            Transport = new HttpClientTransport(new HttpClient(handler, disposeHandler: false)),
            Retry = { MaxRetries = 0 },
        });
}
