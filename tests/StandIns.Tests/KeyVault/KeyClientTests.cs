using System.Net;
using System.Text.Json;
using Azure;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;

namespace StandIns.Tests.KeyVault;

public sealed class KeyClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetKey_OfABundle_ReadsEveryMember()
    {
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key());
        var response = await Client("bundle", handler).GetKeyAsync("k", cancellationToken: Cancel);
        var key = response.Value;

        Assert.Equal(200, response.GetRawResponse().Status);
        Assert.Equal("https://bundle.vault.azure.net/keys/k/?api-version=2025-07-01", handler.Requests[1].Uri.AbsoluteUri);
        Assert.Equal("https://v.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef", key.Id.AbsoluteUri);
        Assert.Equal("k", key.Name);
        Assert.Equal("0123456789abcdef0123456789abcdef", key.Properties.Version);
        Assert.Equal(new Uri("https://v.vault.azure.net/"), key.Properties.VaultUri);
        Assert.Equal(KeyType.Ec, key.KeyType);
        Assert.Equal([KeyOperation.Sign, KeyOperation.Verify], key.KeyOperations);
        Assert.Equal(32, key.Key.X.Length);
        Assert.True(key.Properties.Enabled);
        Assert.Equal(1, key.Properties.NotBefore!.Value.ToUnixTimeSeconds());
        Assert.Equal(2, key.Properties.ExpiresOn!.Value.ToUnixTimeSeconds());
        Assert.Equal(3, key.Properties.CreatedOn!.Value.ToUnixTimeSeconds());
        Assert.Equal(4, key.Properties.UpdatedOn!.Value.ToUnixTimeSeconds());
        Assert.Equal(90, key.Properties.RecoverableDays);
        Assert.False(key.Properties.Exportable);
        Assert.Equal("b", key.Properties.Tags["a"]);
    }

    [Fact]
    public async Task Requests_OfEachOperation_HaveTheServicesAddressAndBody()
    {
        using var handler = new ScriptedHandler(
            [
                _ => ScriptedHandler.Challenge(),
                .. Enumerable.Repeat<Func<ScriptedHandler.Sent, HttpResponseMessage>>(_ => ScriptedHandler.Key(), 6),
            ]);
        var client = Client("shapes", handler);
        await client.GetKeyAsync("k", "v1", Cancel);
        await client.CreateEcKeyAsync(
            new("k")
            {
                CurveName = KeyCurveName.P384,
                Enabled = true,
                ExpiresOn = DateTimeOffset.UnixEpoch.AddSeconds(9),
                Tags = { ["a"] = "b" },
                KeyOperations = { KeyOperation.Sign },
            },
            Cancel);
        await client.CreateRsaKeyAsync(new("k") { KeySize = 3072, PublicExponent = 3 }, Cancel);
        await client.UpdateKeyPropertiesAsync(
            new KeyProperties(new Uri("https://v.vault.azure.net/keys/k/v1")) { Enabled = false }, cancellationToken: Cancel);
        await client.UpdateKeyPropertiesAsync(new KeyProperties("k") { Tags = { ["a"] = "b" } }, [KeyOperation.Verify], Cancel);
        await client.RotateKeyAsync("k", Cancel);

        string[] expected =
        [
            "GET /keys/k/v1 ",
            """POST /keys/k/create {"kty":"EC","crv":"P-384","key_ops":["sign"],"attributes":{"enabled":true,"exp":9},"tags":{"a":"b"}}""",
            """POST /keys/k/create {"kty":"RSA","key_size":3072,"public_exponent":3}""",
            """PATCH /keys/k/v1 {"attributes":{"enabled":false}}""",
            """PATCH /keys/k/ {"key_ops":["verify"],"tags":{"a":"b"}}""",
            "POST /keys/k/rotate ",
        ];
        Assert.Equal(expected, handler.Requests.Skip(1).Select(sent => $"{sent.Method} {sent.Uri.AbsolutePath} {sent.Body}"));
        Assert.All(handler.Requests, sent => Assert.Equal("?api-version=2025-07-01", sent.Uri.Query));
    }

    [Fact]
    public async Task GetPropertiesOfKeys_OverPages_FollowsTheLinkWithinTheVault()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"value":[{"kid":"https://pages.vault.azure.net/keys/a","attributes":{"enabled":true}}],"nextLink":"https://pages.vault.azure.net:443/keys?api-version=2025-07-01&$skiptoken=x"}"""),
            _ => ScriptedHandler.Json(
                HttpStatusCode.OK, """{"value":[{"kid":"https://pages.vault.azure.net/keys/b","managed":true}],"nextLink":null}"""));
        var items = new List<KeyProperties>();
        await foreach (var item in Client("pages", handler).GetPropertiesOfKeysAsync(Cancel)) items.Add(item);

        Assert.Equal(["a", "b"], items.Select(item => item.Name));
        Assert.True(items[1].Managed);
        Assert.Equal("?api-version=2025-07-01&$skiptoken=x", handler.Requests[2].Uri.Query);
    }

    [Theory]
    [InlineData("https://elsewhere.example/keys")]
    [InlineData("http://leave.vault.azure.net/keys")]
    [InlineData("/keys")]
    public async Task GetPropertiesOfKeys_WhoseLinkLeavesTheVault_IsRefused(string link)
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.OK, $$"""{"value":[],"nextLink":"{{link}}"}"""));
        var client = Client("leave" + link.Length, handler);

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var item in client.GetPropertiesOfKeysAsync(Cancel)) Assert.Fail(item.Name);
        });
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task Failure_WithAnInnerCode_HasTheOuterOneAndKeepsTheInner()
    {
        const string Body = """{"error":{"code":"Forbidden","message":"Operation sign is not allowed on a disabled key.","innererror":{"code":"KeyDisabled"}}}""";
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Json(HttpStatusCode.Forbidden, Body));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(
            () => Client("inner", handler).GetKeyAsync("k", cancellationToken: Cancel));

        Assert.Equal((403, "Forbidden"), (exception.Status, exception.ErrorCode));
        Assert.Contains("Operation sign is not allowed on a disabled key.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("KeyDisabled", exception.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throttling_ThatPasses_IsRetried()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Json(HttpStatusCode.TooManyRequests, """{"error":{"code":"Throttled","message":"slow down"}}"""),
            _ => ScriptedHandler.Key());
        var options = Options(handler);
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
        var client = new KeyClient(new Uri("https://retried.vault.azure.net/"), new RecordingCredential(), options);
        await client.CreateEcKeyAsync(new("k"), Cancel);

        Assert.Equal(handler.Requests[1].Body, handler.Requests[2].Body);
    }

    [Fact]
    public async Task Answer_ThatIsNoBundle_IsAJsonException()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Json(HttpStatusCode.OK, """{"key":{"kty":"EC","x":5}}"""));
        await Assert.ThrowsAnyAsync<JsonException>(() => Client("broken", handler).GetKeyAsync("k", cancellationToken: Cancel));
    }

    [Fact]
    public void KeyVaultKeyIdentifier_OfAKeysAddress_IsTakenApart()
    {
        var versioned = new KeyVaultKeyIdentifier(new Uri("https://v.vault.azure.net/keys/k/v1"));
        var versionless = new KeyVaultKeyIdentifier(new Uri("https://localhost:8443/keys/k/"));

        Assert.Equal(("k", "v1", new Uri("https://v.vault.azure.net/")), (versioned.Name, versioned.Version, versioned.VaultUri));
        Assert.Equal(("k", null, new Uri("https://localhost:8443/")), (versionless.Name, versionless.Version, versionless.VaultUri));
    }

    [Theory]
    [InlineData("https://v.vault.azure.net/")]
    [InlineData("https://v.vault.azure.net/keys")]
    [InlineData("https://v.vault.azure.net/keys/")]
    [InlineData("https://v.vault.azure.net/secrets/k")]
    [InlineData("https://v.vault.azure.net/keys/k/v/w")]
    public void KeyVaultKeyIdentifier_OfAnotherAddress_IsRefused(string address)
    {
        Assert.False(KeyVaultKeyIdentifier.TryCreate(new Uri(address), out _));
        Assert.Throws<ArgumentException>(() => new KeyVaultKeyIdentifier(new Uri(address)));
    }

    private static KeyClientOptions Options(ScriptedHandler handler) => new()
    {
        Transport = new HttpClientTransport(new HttpClient(handler, disposeHandler: false)),
        Retry = { MaxRetries = 0 },
    };

    private static KeyClient Client(string host, ScriptedHandler handler) =>
        new(new Uri($"https://{host}.vault.azure.net/"), new RecordingCredential(), Options(handler));
}
