using System.Text.Json.Nodes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Negotiations;

public sealed class NegotiationDocumentTests : IDisposable
{
    private readonly PrivateJwk _identity = PrivateJwk.Generate(JwkKind.P256, "us#1");
    private readonly PrivateJwk _encryption = PrivateJwk.Generate(JwkKind.P256, "us#enc-1");

    public void Dispose()
    {
        _identity.Dispose();
        _encryption.Dispose();
    }

    [Fact]
    public void TryParse_WholeDocument_ReadsEveryMember()
    {
        var json = Samples.Utf8(Whole().ToJsonString());
        Assert.True(NegotiationDocument.TryParse(json, out var document, out var errors), string.Join('\n', errors));

        Assert.Equal("doha-2026", document.Negotiation);
        Assert.Equal(3, document.Quorum.Quorum);
        Assert.Equal(4, document.Quorum.TotalWeight);
        Assert.Equal(NegotiationMode.ReadOnly, document.Mode);
        Assert.Equal(7, document.Version);
        Assert.Equal(Digest.Of(json), document.PolicyDigest);
        var us = document.Delegations["us"];
        Assert.Equal("delegation-us", us.Topic);
        Assert.Equal("us#1", Assert.Single(us.IdentityKeys).KeyId);
        Assert.Equal("us#enc-1", Assert.Single(us.EncryptionKeys).KeyId);
        Assert.Equal(new RateLimit(20, 100), us.Rate);
        Assert.Equal(new RateLimit(50, 200), document.Rate);
        Assert.Equal(Guid.Parse("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"), Assert.Single(us.Callers).ObjectId);
        Assert.True(KeyIdentifier.TryParse(Samples.KeyId("oman"), out var key));
        Assert.True(document.TryFindMediator(key, out var mediator));
        Assert.Equal(("oman", 1), (mediator.Name, mediator.Weight));
        Assert.True(KeyIdentifier.TryParse(Samples.KeyId("france"), out key));
        Assert.False(document.TryFindMediator(key, out _));
    }

    [Theory]
    [InlineData("us", "iran", true)]
    [InlineData("iran", "us", false)]
    [InlineData("us", "us", false)]
    [InlineData("us", "france", false)]
    [InlineData("france", "us", false)]
    public void MayAddress_WithRoutes_FollowsThem(string from, string to, bool allowed)
    {
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(Whole().ToJsonString()), out var document, out _));
        Assert.Equal(allowed, document.MayAddress(from, to));
    }

    [Fact]
    public void MayAddress_WithoutRoutes_EveryMemberToEveryOther()
    {
        var whole = Whole();
        whole.Remove("routes");
        whole.Remove("mode");
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out var document, out _));
        Assert.True(document.MayAddress("iran", "us"));
        Assert.False(document.MayAddress("iran", "iran"));
        Assert.False(document.MayAddress("iran", "france"));
        Assert.Equal(NegotiationMode.Open, document.Mode);
        whole.Remove("rate");
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out document, out _));
        Assert.Null(document.Rate);
    }

    [Fact]
    public void MayAddress_EmptyRoutes_NobodyToAnybody()
    {
        var whole = Whole();
        whole["routes"] = new JsonArray();
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out var document, out _));
        Assert.False(document.MayAddress("us", "iran"));
    }

    public static TheoryData<string, string, string> Changes() => new()
    {
        { "negotiation", "\"Doha\"", "negotiation: expected a name" },
        { "negotiation", "5", "negotiation: expected a string" },
        { "quorum", "5", "quorum: expected a quorum of 1 to the total weight 4, got 5" },
        { "quorum", "2", "quorum: expected more than half of the total weight 4, so that any two quorums share a mediator, got 2" },
        { "quorum", "0", "quorum: expected an integer" },
        { "quorum", "2.5", "quorum: expected an integer" },
        { "version", "0", "version: expected an integer" },
        { "rate", """{"perSecond":1,"burst":0}""", "rate.burst: expected an integer" },
        { "rate", """{"perSecond":1,"burst":1,"more":1}""", "rate" },
        { "mode", "\"shut\"", "mode: expected open, read-only or closed" },
        { "routes", "{}", "routes: expected an array" },
        { "routes", """[{"from":"france","to":["us"]}]""", "routes[0].from: expected a delegation" },
        { "routes", """[{"from":"us","to":["us"]}]""", "routes[0].to: expected another delegation" },
        { "routes", """[{"from":"us","to":[]}]""", "routes[0].to: expected an array of names" },
        { "routs", "[]", "document: expected only" },
        { "delegations", """{"us":{"topic":"delegation-us"}}""", "expected 2 to 65 delegations" },
        { "delegations", """{"us":{"topic":"delegation-us"},"iran":{"topic":"delegation-us"}}""", "expected a topic of its own" },
        {
            "delegations",
            """{"us":{"topic":"signals"},"iran":{"topic":"delegation-iran"}}""",
            "delegations.us.topic: expected a topic named delegation-*"
        },
        { "delegations", """{"us":{},"iran":{"topic":"delegation-iran"}}""", "delegations.us.topic: expected this member" },
        {
            "delegations",
            """{"us":{"topic":"delegation-us","rate":{"perSecond":0,"burst":1}},"iran":{"topic":"delegation-iran"}}""",
            "delegations.us.rate.perSecond"
        },
        {
            "delegations",
            """{"us":{"topic":"delegation-us","identityKeys":[{}]},"iran":{"topic":"delegation-iran"}}""",
            "delegations.us.identityKeys[0]: expected 'kty'"
        },
        { "mediators", "{}", "expected 1 to 64 mediators" },
        { "mediators", """{"qatar":{"key":"https://kv.vault.azure.net/keys/a/1","weight":3}}""", "mediators.qatar.key: expected https://" },
        {
            "mediators",
            """{"qatar":{"key":"https://kv.vault.azure.net/keys/a","weight":-1}}""",
            "mediators.qatar.weight: expected an integer"
        },
        { "mediators", """{"qatar":{"key":"https://kv.vault.azure.net/keys/a","weight":3},"oman":{"key":"https://kv.vault.azure.net/keys/a","weight":1}}""", "expected a key of its own" },
        { "mediators", """{"qatar":{"key":"https://kv.vault.azure.net/keys/a","weight":3},"oman":{"key":"https://kv.vault.azure.net/keys/A","weight":1}}""", "mediators.oman.key: expected a key of its own" },
        {
            "delegations",
            """{"us":{"topic":"delegation-us","callers":["iran@example.org"]},"iran":{"topic":"delegation-iran"}}""",
            "delegations.us.callers[0]: expected SHA-256"
        },
        {
            "delegations",
            """{"us":{"topic":"delegation-us","callers":[7]},"iran":{"topic":"delegation-iran"}}""",
            "delegations.us.callers[0]: expected SHA-256"
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void TryParse_OneMemberWrong_SaysWhich(string member, string value, string said)
    {
        var whole = Whole();
        whole[member] = JsonNode.Parse(value);
        Assert.False(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out var document, out var errors));
        Assert.Null(document);
        Assert.Contains(errors, e => e.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void TryParse_ManyErrors_AllAreReported()
    {
        Assert.False(
            NegotiationDocument.TryParse("""{"negotiation":"X","delegations":{},"mediators":[],"quorum":"3"}"""u8, out _, out var errors));
        Assert.True(errors.Count >= 5, string.Join('\n', errors));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"quorum\":1,\"quorum\":2}")]
    public void TryParse_NotADocument_IsRefused(string json)
    {
        Assert.False(NegotiationDocument.TryParse(Samples.Utf8(json), out _, out var errors));
        Assert.NotEmpty(errors);
    }

    [Fact]
    public void TryParse_IdentityKeyUnderAnothersName_IsRefused()
    {
        var whole = Whole();
        whole["delegations"]!["iran"]!["identityKeys"] = new JsonArray(JsonNode.Parse(_identity.Public.ToJson()));
        Assert.False(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out _, out var errors));
        Assert.Contains("delegations.iran.identityKeys[0].kid: expected iran#{number}, got 'us#1'", errors);
    }

    [Fact]
    public void TryParse_HybridEncryptionKey_IsOneAndNoIdentityKey()
    {
        using var hybrid = HybridKeyPair.Generate("iran#enc-1");
        var whole = Whole();
        whole["delegations"]!["iran"]!["encryptionKeys"] = new JsonArray(JsonNode.Parse(hybrid.Public.ToJson()));
        var text = Samples.Utf8(whole.ToJsonString());
        Assert.True(NegotiationDocument.TryParse(text, out var document, out var errors), string.Join(' ', errors));
        var key = Assert.Single(document.Delegations["iran"].EncryptionKeys);
        Assert.Equal((JwkKind.MlKem768P256, hybrid.Public.Thumbprint()), (key.Kind, key.Thumbprint()));

        var identity = JsonNode.Parse(hybrid.Public.ToJson())!;
        identity["kid"] = "iran#1";
        whole["delegations"]!["iran"]!["identityKeys"] = new JsonArray(identity);
        Assert.False(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out _, out errors));
        Assert.StartsWith(
            "delegations.iran.identityKeys[0]: expected a key for verifying", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identityKeys", "identityKeys", "iran#1")]
    [InlineData("encryptionKeys", "encryptionKeys", "iran#enc-1")]
    [InlineData("identityKeys", "encryptionKeys", "iran#enc-1")]
    public void TryParse_OneKeyForTwoDelegations_IsRefusedAndNamesBothPlaces(string ofUs, string ofIran, string keyId)
    {
        var whole = Whole();
        var key = JsonNode.Parse(whole["delegations"]!["us"]![ofUs]![0]!.ToJsonString())!;
        key["kid"] = keyId;
        whole["delegations"]!["iran"]![ofIran] = new JsonArray(key);
        Assert.False(NegotiationDocument.TryParse(Samples.Utf8(whole.ToJsonString()), out _, out var errors));
        Assert.Equal([$"delegations.iran.{ofIran}[0]: expected a key of its own, got the public key of delegations.us.{ofUs}[0]"], errors);
    }

    [Fact]
    public void TryFindMediator_AnotherCaseThanTheDocuments_IsTheSameKeyAsForTheVault()
    {
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(Whole().ToJsonString()), out var document, out _));
        Assert.True(KeyIdentifier.TryParse("https://kv.vault.azure.net/keys/Mediator-OMAN/1", out var key));
        Assert.True(document.TryFindMediator(key, out var mediator));
        Assert.Equal("oman", mediator.Name);
    }

    private JsonObject Whole() => JsonNode.Parse(
        $$"""
        { "negotiation": "doha-2026",
          "delegations": {
            "us": { "topic": "delegation-us", "identityKeys": [{{Samples.Text(_identity.Public.ToJson())}}], "encryptionKeys": [{{Samples.Text(_encryption.Public.ToJson())}}],
                    "callers": ["0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"], "rate": { "perSecond": 20, "burst": 100 } },
            "iran": { "topic": "delegation-iran" } },
          "mediators": {
            "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 2 },
            "oman": { "key": "https://kv.vault.azure.net/keys/mediator-oman", "weight": 1 },
            "swiss": { "key": "https://kv.vault.azure.net/keys/mediator-swiss", "weight": 1 } },
          "quorum": 3,
          "routes": [ { "from": "us", "to": ["iran"] } ],
          "mode": "read-only", "version": 7, "rate": { "perSecond": 50, "burst": 200 } }
        """)!.AsObject();
}
