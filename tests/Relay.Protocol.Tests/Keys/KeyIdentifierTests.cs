using Relay.Protocol.Keys;

namespace Relay.Protocol.Tests.Keys;

public sealed class KeyIdentifierTests
{
    [Theory]
    [InlineData("https://kv.vault.azure.net/keys/mediator-qatar/0f1e", "https://kv.vault.azure.net/", "mediator-qatar", "0f1e")]
    [InlineData("https://localhost:8443/keys/K/1", "https://localhost:8443/", "K", "1")]
    public void TryParse_FullIdentifier_GivesItsParts(string text, string vault, string name, string version)
    {
        Assert.True(KeyIdentifier.TryParse(text, out var id));
        Assert.Equal((vault, name, version, text), (id.Vault, id.Name, id.Version, id.ToString()));
        Assert.Equal($"{vault}keys/{name}", id.Key);
        Assert.True(KeyIdentifier.IsKey(id.Key));
        Assert.False(KeyIdentifier.IsKey(text));
        Assert.True(KeyIdentifier.TryParse(text, out var again));
        Assert.Equal(id, again);
    }

    [Fact]
    public void Equals_AnotherCase_IsTheSameKeyAsForTheVault()
    {
        Assert.True(KeyIdentifier.TryParse("https://kv.vault.azure.net/keys/Mediator-Norway/0F1E", out var one));
        Assert.True(KeyIdentifier.TryParse("https://kv.vault.azure.net/keys/mediator-norway/0f1e", out var other));
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.True(one.IsVersionOf(other.Key));
        Assert.False(one.IsVersionOf("https://kv.vault.azure.net/keys/mediator-norwa"));
        Assert.Equal("https://kv.vault.azure.net/keys/Mediator-Norway/0F1E", one.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("http://kv.vault.azure.net/keys/a/1")]
    [InlineData("https://KV.vault.azure.net/keys/a/1")]
    [InlineData("https://kv.vault.azure.net/keys/a")]
    [InlineData("https://kv.vault.azure.net/keys/a/")]
    [InlineData("https://kv.vault.azure.net/keys//1")]
    [InlineData("https://kv.vault.azure.net/keys/a/1/")]
    [InlineData("https://kv.vault.azure.net/keys/a/1?x")]
    [InlineData("https://kv.vault.azure.net/keys/a/1#x")]
    [InlineData("https://kv.vault.azure.net/secrets/a/1")]
    [InlineData("https://user@kv.vault.azure.net/keys/a/1")]
    [InlineData("https://kv.vault.azure.net:443/keys/a/1")]
    [InlineData("https://kv.vault.azure.net:0443/keys/a/1")]
    [InlineData("https://kv.vault.azure.net:99999/keys/a/1")]
    [InlineData("https:///keys/a/1")]
    [InlineData("https://kv.vault.azure.net/keys/../a/1")]
    [InlineData("https://kv.vault.azure.net/keys/a/1%20")]
    [InlineData("https://kv/keys/a/éé")]
    public void TryParse_AnythingElse_IsFalse(string? text) => Assert.False(KeyIdentifier.TryParse(text, out _));
}
