using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Keys;
using Relay.Local;

namespace Relay.Cli.Tests.Slips;

/// <summary>Keys that are spelt in two ways, and one key under two names: said where the document is checked, put and signed by.</summary>
[Collection(StackOfSlips.Collection)]
public sealed class KeySlipTests(StackOfSlips stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_MadeInAnotherCaseThanTheDocumentHas_IsOneKeyAndSaidToBe()
    {
        await stack.SucceedAsync("keys", "create", "Mediator-Norway");
        var document = await ComposeAsync("spelt-2026", ("norway", "mediator-norway"));
        const string Said = "They are one key: the case does not count";
        Assert.Contains(Said, await stack.SucceedAsync("directory", "check", document), StringComparison.Ordinal);
        var put = await stack.RunAsync("directory", "put", document);
        Assert.True(put.ExitCode == 0 && put.Errors.Contains(Said, StringComparison.Ordinal), put.Errors);
        var sign = await stack.RunAsync("sign", "-n", "spelt-2026", "--from", "us", "--to", "iran", "--text", "x", "--mediators", "qatar", "norway", "--out", stack.PathOf("spelt.json"));
        Assert.True(sign.ExitCode == 0 && sign.Errors.Contains(Said, StringComparison.Ordinal), sign.Errors);
        Assert.Contains("through norway, qatar, weight 3 of 3", await ForwardAsync("spelt.json", "spelt-2026"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_UnderTwoMediatorsNames_CountsOnceAndIsSaidTo()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var vault = LocalVault.Open(stack.Endpoints, "test", TimeProvider.System);
        foreach (var name in new[] { "mediator-malta", "mediator-cyprus" })
        {
            await vault.ImportKeyAsync(
                name, new JsonWebKey(pair, includePrivateParameters: true, [KeyOperation.Sign, KeyOperation.Verify]), Cancel);
        }

        var document = await ComposeAsync("double-2026", ("malta", "mediator-malta"), ("cyprus", "mediator-cyprus"));
        var check = await stack.SucceedAsync("directory", "check", document);
        Assert.Contains("cyprus have one public key", check.Replace("malta have one public key", "cyprus have one public key", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("counts once", check, StringComparison.Ordinal);
        await stack.SucceedAsync("directory", "put", document);
        await stack.SucceedAsync("sign", "-n", "double-2026", "--from", "us", "--to", "iran", "--text", "x", "--mediators", "malta", "cyprus", "oman", "swiss", "--out", stack.PathOf("double.json"));
        // Four names of weight 1 for a quorum of 4, but three keys.
        var run = await stack.RunAsync("submit", stack.PathOf("double.json"), "--http");
        Assert.True(run.ExitCode == 1, run.Output);
        // The relay tells nothing before a quorum is verified; what the document and the keys here tell is said here.
        Assert.Contains("the relay will refuse it: mediator-repeated: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains("envelope-not-proved", run.Errors, StringComparison.Ordinal);
        var verify = await stack.RunAsync("verify", "envelope", stack.PathOf("double.json"));
        Assert.True(verify.ExitCode == 1, verify.Output);
        Assert.Contains("does not hold: mediator-repeated: ", verify.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyEnvelope_OfWhatIsGoodUnfinishedAndOfNoKnownNegotiation_TellsThemApart()
    {
        var good = await stack.RunAsync("verify", "envelope", stack.PathOf("first.json"));
        Assert.True(good.ExitCode == 0, good.Errors + good.Output);
        Assert.Contains("holds: us may address iran", good.Output, StringComparison.Ordinal);
        // In a negotiation of its own: the streams of the stack's are counted by other tests.
        await stack.SucceedAsync("directory", "put", await ComposeAsync("partial-2026"));
        await stack.SucceedAsync("sign", "-n", "partial-2026", "--from", "us", "--to", "iran", "--text", "x", "--mediators", "oman", "--out", stack.PathOf("partial.json"));
        var partial = await stack.RunAsync("verify", "envelope", stack.PathOf("partial.json"));
        Assert.True(partial.ExitCode == 2, partial.Output);
        Assert.Contains("Not proved: pending: expected signatures of weight 3, got 1", partial.Output, StringComparison.Ordinal);
        var document = await ComposeAsync("nowhere-2026");
        var other = await stack.RunAsync("verify", "envelope", stack.PathOf("first.json"), "--document", document);
        Assert.True(other.ExitCode == 2, other.Output);
        Assert.Contains("is the document of nowhere-2026", other.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DirectoryCheck_OfOneKeyForTwoDelegationsOrACallerThatMatchesNobody_IsRefused()
    {
        var original = JsonNode.Parse(await File.ReadAllTextAsync(LocalDirectory.PathOf(stack.Stack.State, "doha-2026"), Cancel))!;
        foreach (var which in new[] { "identityKeys", "encryptionKeys" })
        {
            var document = original.DeepClone();
            var copy = document["delegations"]!["us"]![which]![0]!.DeepClone();
            copy["kid"] = document["delegations"]!["iran"]![which]![0]!["kid"]!.DeepClone();
            document["delegations"]!["iran"]![which] = new JsonArray(copy);
            Slip.AssertOneLine(await stack.RunAsync("directory", "check", Write("twice.json", document)), $"iran.{which}", "expected");
        }

        var callers = original.DeepClone();
        callers["delegations"]!["us"]!["callers"] = new JsonArray("CN=us");
        Slip.AssertOneLine(await stack.RunAsync("directory", "check", Write("caller.json", callers)), "us.callers.*which can match nobody", "expected");
    }

    // As the stack's own, with more mediators of weight 1.
    private async Task<string> ComposeAsync(string negotiation, params (string Mediator, string Key)[] more)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(LocalDirectory.PathOf(stack.Stack.State, "doha-2026"), Cancel))!;
        document["negotiation"] = negotiation;
        foreach (var (mediator, key) in more)
        {
            document["mediators"]![mediator] = new JsonObject { ["key"] = new Uri(stack.Endpoints.Vault, "keys/" + key).AbsoluteUri, ["weight"] = 1 };
        }

        // More than half of the weight.
        document["quorum"] = (document["mediators"]!.AsObject().Sum(static mediator => (int)mediator.Value!["weight"]!) / 2) + 1;

        return Write(negotiation + ".json", document);
    }

    private string Write(string name, JsonNode document)
    {
        File.WriteAllText(stack.PathOf(name), document.ToJsonString());
        return stack.PathOf(name);
    }

    private async Task<string> ForwardAsync(string envelope, string negotiation)
    {
        await stack.SucceedAsync("submit", stack.PathOf(envelope));
        // What others of this stack left in the inbox is refused here, each as one, and then it is this one's turn.
        while (true)
        {
            var heard = await stack.RunAsync("listen", "iran", "-n", negotiation, "--count", "1");
            if (!heard.Output.Contains("refused: other-negotiation", StringComparison.Ordinal))
            {
                Assert.True(heard.ExitCode == 0, heard.Errors + heard.Output);
                return heard.Output;
            }
        }
    }
}
