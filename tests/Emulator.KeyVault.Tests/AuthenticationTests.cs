using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Azure.Security.KeyVault.Keys;

namespace Emulator.KeyVault.Tests;

public sealed class AuthenticationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WithoutToken_IsChallenged()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Get, "/keys", token: null);

        Assert.Equal(401, reply.Status);
        Assert.Equal("Unauthorized", reply.ErrorCode);
        var challenge = Assert.Single(reply.Headers.WwwAuthenticate);
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.Matches(
            "^authorization=\"https://login\\.microsoftonline\\.com/[0-9a-f-]{36}\", resource=\"https://vault\\.azure\\.net\"$",
            challenge.Parameter);
    }

    [Fact]
    public async Task Client_WhenChallenged_AsksForTheScopeAndTenantNamed()
    {
        await using var vault = await VaultFixture.StartAsync();
        var credential = new StaticCredential("local");
        await vault.Client(credential).CreateEcKeyAsync(new("k"), Cancel);

        var asked = credential.Asked[0];
        Assert.Equal(["https://vault.azure.net/.default"], asked.Scopes);
        Assert.Equal("00000000-0000-0000-0000-000000000000", asked.TenantId);
    }

    [Fact]
    public async Task Client_ThatChecksTheResource_RefusesAnEmulator()
    {
        await using var vault = await VaultFixture.StartAsync();
        var options = vault.Options();
        options.DisableChallengeResourceVerification = false;
        var client = new KeyClient(vault.Emulator.VaultUri, new StaticCredential("local"), options);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetKeyAsync("k", cancellationToken: Cancel));
        Assert.Contains("DisableChallengeResourceVerification", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwdw==")]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("Bearer two words")]
    [InlineData("Bearer tok\"en")]
    [InlineData("Bearer ====")]
    [InlineData("")]
    public async Task Request_WithoutAWellFormedToken_IsUnauthorized(string header)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Get, "/keys", token: header);

        Assert.Equal(401, reply.Status);
        Assert.NotEmpty(reply.Headers.WwwAuthenticate);
    }

    [Theory]
    [InlineData(-1, 401)]
    [InlineData(0, 401)]
    [InlineData(1, 200)]
    public async Task Request_WithAJsonWebToken_IsLetInUntilItExpires(int secondsLeft, int expected)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(
            HttpMethod.Get, "/keys", token: "Bearer " + Token(new { exp = vault.Time.GetUtcNow().ToUnixTimeSeconds() + secondsLeft }));

        Assert.Equal(expected, reply.Status);
    }

    [Theory]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("a..c")]
    [InlineData("opaque")]
    [InlineData("a.W10.c")]
    [InlineData("a.eyJleHAiOiJzb29uIn0.c")]
    public async Task Request_WithATokenThatTellsNoTime_IsLetIn(string token)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Get, "/keys", token: "Bearer " + token);

        Assert.Equal(200, reply.Status);
    }

    private static string Token(object claims) =>
        $"{Base64Url.EncodeToString("{}"u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(claims)))}.c2ln";
}
