using System.Buffers.Text;
using System.Text.Json.Nodes;
using Relay.Local;

namespace Relay.IntegrationTests;

/// <summary><c>relay up --hybrid</c>: every key that content is sealed to is one of ML-KEM-768 beside P-256.</summary>
public sealed class HybridStackTests : CommandStack
{
    private const string Variable = "RELAY_HYBRID_TEST_SECRET";

    private protected override string[] UpOptions => ["--hybrid"];

    [Fact]
    public async Task Up_Hybrid_MakesHybridKeysAndPrekeysAndWhatIsSealedToThemIsOpened()
    {
        var json = await File.ReadAllTextAsync(LocalDirectory.PathOf(State, "doha-2026"), TestContext.Current.CancellationToken);
        var delegations = JsonNode.Parse(json)!["delegations"]!.AsObject();
        Assert.True(delegations.Count > 1);
        Assert.All(delegations, one => Assert.Equal("HPKE-8-KE", (string?)one.Value!["encryptionKeys"]![0]!["alg"]));
        await SignAsync("lasting.json", "To the lasting key.", "normal");

        // Whoever has a hybrid key publishes hybrid prekeys without being told.
        Environment.SetEnvironmentVariable(Variable, "key:" + new string('A', 43));
        string[] secret = ["--prekey-secret", Variable];
        Assert.Contains(
            "12 one-time keys left", await SucceedAsync(["prekeys", "publish", "iran", .. secret]), StringComparison.Ordinal);
        Assert.Contains("here: bundle 1 of hybrid keys", await SucceedAsync("prekeys", "status", "iran"), StringComparison.Ordinal);
        await SignAsync("once.json", "To a key that is used once.", "normal");
        foreach (var file in new[] { "lasting.json", "once.json" })
        {
            var content = JsonNode.Parse((await EnvelopeOfAsync(file)).Sealed.Content.Span)!;
            var header = JsonNode.Parse(Base64Url.DecodeFromChars((string)content["protected"]!))!;
            Assert.Equal("HPKE-8-KE", (string?)header["alg"]);
            await SucceedAsync("submit", PathOf(file));
        }

        var heard = await SucceedAsync(["listen", "iran", "--count", "2", .. secret]);
        Assert.Contains("To the lasting key.", heard, StringComparison.Ordinal);
        Assert.Contains("To a key that is used once.", heard, StringComparison.Ordinal);
        Assert.Contains("All is well", await SucceedAsync("audit", "iran"), StringComparison.Ordinal);
    }
}
