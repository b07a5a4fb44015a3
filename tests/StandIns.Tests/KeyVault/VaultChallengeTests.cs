using Azure.Security.KeyVault.Keys;

namespace StandIns.Tests.KeyVault;

public sealed class VaultChallengeTests
{
    [Theory]
    [InlineData(
        "Bearer authorization=\"https://login.microsoftonline.com/t1\", resource=\"https://vault.azure.net\"",
        "https://vault.azure.net/.default",
        "t1")]
    [InlineData(
        "Bearer authorization=\"https://login.microsoftonline.com/t1\", resource=\"https://vault.azure.net/\"",
        "https://vault.azure.net/.default",
        "t1")]
    [InlineData(
        "Bearer authorization_uri=\"https://login.windows.net/t1/\",scope=\"https://vault.azure.net/.default\"",
        "https://vault.azure.net/.default",
        "t1")]
    [InlineData(
        "bearer RESOURCE=https://vault.azure.net Authorization=https://login.windows.net/t1", "https://vault.azure.net/.default", "t1")]
    [InlineData("Bearer resource=\"https://vault.azure.net\"", "https://vault.azure.net/.default", null)]
    [InlineData("Bearer resource=\"https://vault.azure.net\", authorization=\"nonsense\"", "https://vault.azure.net/.default", null)]
    [InlineData("Negotiate, Bearer resource=\"https://vault.azure.net\"", "https://vault.azure.net/.default", null)]
    [InlineData("Bearer resource=\"https://one.net\", resource=\"https://two.net\"", "https://one.net/.default", null)]
    public void TryParse_OfAChallenge_ReadsScopeAndTenant(string header, string scope, string? tenant)
    {
        Assert.True(VaultChallenge.TryParse(header, out var challenge, out var claims));
        Assert.Equal(scope, challenge.Scope);
        Assert.Equal(tenant, challenge.TenantId);
        Assert.Null(claims);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic realm=\"x\"")]
    [InlineData("NotBearer resource=\"https://vault.azure.net\"")]
    [InlineData("Bearer resource=\"")]
    [InlineData("Bearer resource=\"https://vault.azure.net")]
    [InlineData("Bearer scope=\"\"")]
    [InlineData("Bearer authorization=\"https://login.microsoftonline.com/t1\"")]
    public void TryParse_OfAnythingElse_IsFalse(string? header) => Assert.False(VaultChallenge.TryParse(header, out _, out _));

    [Fact]
    public void TryParse_WithClaims_HandsThemOut()
    {
        Assert.True(
            VaultChallenge.TryParse(
                "Bearer resource=\"https://vault.azure.net\", error=\"insufficient_claims\", claims=\"e30=\"", out _, out var claims));
        Assert.Equal("e30=", claims);
    }

    [Fact]
    public void TryParse_OfEveryPrefixAndByteChange_AnswersAScopeOrFalse()
    {
        const string Header = "Bearer authorization=\"https://login.microsoftonline.com/t1\", resource=\"https://vault.azure.net\"";
        for (var i = 0; i < Header.Length; i++)
        {
            Check(Header[..i]);
            foreach (var other in "\"=, \0B")
            {
                Check(Header[..i] + other + Header[(i + 1)..]);
            }
        }

        Assert.True(VaultChallenge.TryParse(Header, out _, out _));

        static void Check(string header)
        {
            if (VaultChallenge.TryParse(header, out var challenge, out _)) Assert.NotEmpty(challenge.Scope);
            else Assert.Null(challenge);
        }
    }
}
