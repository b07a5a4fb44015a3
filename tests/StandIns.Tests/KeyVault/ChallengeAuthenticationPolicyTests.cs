using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;

namespace StandIns.Tests.KeyVault;

/// <remarks>Challenges are kept per host for the process, so each test uses a host of its own.</remarks>
public sealed class ChallengeAuthenticationPolicyTests
{
    private readonly RecordingCredential _credential = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstRequest_ToAHost_GoesWithoutBodyAndTokenAndThenInFull()
    {
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key());
        await Client("first", handler).CreateEcKeyAsync(new("k"), Cancel);

        Assert.Equal(2, handler.Requests.Count);
        Assert.Null(handler.Requests[0].Authorization);
        Assert.Null(handler.Requests[0].Body);
        Assert.Equal("Bearer token-1", handler.Requests[1].Authorization);
        Assert.Equal("{\"kty\":\"EC\"}", handler.Requests[1].Body);
        var asked = Assert.Single(_credential.Asked);
        Assert.Equal(["https://vault.azure.net/.default"], asked.Scopes);
        Assert.Equal("tenant-1", asked.TenantId);
        Assert.True(asked.IsCaeEnabled);
    }

    [Fact]
    public async Task LaterRequests_EvenOfAnotherClient_GoInFullAtOnce()
    {
        using var one = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key());
        await Client("later", one).GetKeyAsync("k", cancellationToken: Cancel);
        using var two = new ScriptedHandler(_ => ScriptedHandler.Key(), _ => ScriptedHandler.Key());
        var client = Client("later", two);
        await client.CreateEcKeyAsync(new("k"), Cancel);
        await client.GetKeyAsync("k", cancellationToken: Cancel);

        Assert.All(two.Requests, request => Assert.StartsWith("Bearer token-", request.Authorization, StringComparison.Ordinal));
        Assert.NotNull(two.Requests[0].Body);
        Assert.Equal(2, _credential.Asked.Count);
    }

    [Fact]
    public async Task Challenge_ThatNamesAnotherTenantLater_IsFollowed()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(),
            _ => ScriptedHandler.Key(),
            _ => ScriptedHandler.Challenge(tenant: "tenant-2"),
            _ => ScriptedHandler.Key());
        var client = Client("moved", handler);
        await client.GetKeyAsync("k", cancellationToken: Cancel);
        await client.CreateEcKeyAsync(new("k"), Cancel);

        Assert.Equal("tenant-2", _credential.Asked[^1].TenantId);
        Assert.Equal(handler.Requests[2].Body, handler.Requests[3].Body);
        Assert.NotNull(handler.Requests[3].Body);
    }

    [Fact]
    public async Task Challenge_WithClaims_AsksForATokenWithThem()
    {
        var challenge = ScriptedHandler.Challenge();
        challenge.Headers.Remove("WWW-Authenticate");
        challenge.Headers.TryAddWithoutValidation(
            "WWW-Authenticate", "Bearer resource=\"https://vault.azure.net\", error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"");
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key(), _ => challenge, _ => ScriptedHandler.Key());
        var client = Client("claims", handler);
        await client.GetKeyAsync("k", cancellationToken: Cancel);
        await client.GetKeyAsync("k", cancellationToken: Cancel);

        Assert.Equal("{\"a\":1}", _credential.Asked[^1].Claims);
        Assert.Equal("Bearer token-2", handler.Requests[^1].Authorization);
    }

    [Theory]
    [InlineData("https://vault.example.com")]
    [InlineData("https://azure.net.evil.example")]
    [InlineData("https://ault.azure.net")]
    [InlineData("not a uri")]
    public async Task Challenge_OfAnotherDomain_IsRefusedBeforeAnyToken(string resource)
    {
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(resource));
        var client = Client("domain" + resource.Length, handler);

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetKeyAsync("k", cancellationToken: Cancel));
        Assert.Empty(_credential.Asked);
    }

    [Fact]
    public async Task Challenge_OfAnotherDomain_IsFollowedWhenVerificationIsOff()
    {
        using var handler = new ScriptedHandler(_ => ScriptedHandler.Challenge(), _ => ScriptedHandler.Key());
        var client = new KeyClient(new Uri("https://localhost:49999/"), _credential, Options(handler, disableVerification: true));
        await client.GetKeyAsync("k", cancellationToken: Cancel);

        Assert.Equal("Bearer token-1", handler.Requests[1].Authorization);
    }

    [Fact]
    public async Task Request_OverPlainHttp_IsRefusedBeforeAnythingIsSent()
    {
        using var handler = new ScriptedHandler();
        var client = new KeyClient(new Uri("http://plain.vault.azure.net/"), _credential, Options(handler, disableVerification: true));

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetKeyAsync("k", cancellationToken: Cancel));
        Assert.Empty(handler.Requests);
    }

    [Fact]
    public async Task Unauthorized_WithoutChallenge_ReachesTheCaller()
    {
        using var handler = new ScriptedHandler(
            _ => ScriptedHandler.Json(HttpStatusCode.Unauthorized, """{"error":{"code":"Unauthorized","message":"no"}}"""));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(
            () => Client("silent", handler).GetKeyAsync("k", cancellationToken: Cancel));

        Assert.Equal((401, "Unauthorized"), (exception.Status, exception.ErrorCode));
        Assert.Empty(_credential.Asked);
    }

    private static KeyClientOptions Options(ScriptedHandler handler, bool disableVerification = false) => new()
    {
        DisableChallengeResourceVerification = disableVerification,
        Transport = new HttpClientTransport(new HttpClient(handler, disposeHandler: false)),
        Retry = { MaxRetries = 0 },
    };

    private KeyClient Client(string host, ScriptedHandler handler) =>
        new(new Uri($"https://{host}.vault.azure.net/"), _credential, Options(handler));
}
