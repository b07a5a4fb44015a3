using System.Text.RegularExpressions;
using Relay.Local;

namespace Relay.IntegrationTests;

/// <summary>What <c>relay sign</c> promises, <c>submit</c>, <c>status</c> and <c>audit</c> say of it, and how a stream is mended.</summary>
[Collection(SharedStack.Collection)]
public sealed partial class SigningTests(SharedStack stack) : SharedStackTest(stack)
{
    [Fact]
    public async Task Sign_OfWhatCannotBeDelivered_TakesNoSequence()
    {
        var large = PathOf("large.bin");
        await File.WriteAllBytesAsync(large, new byte[3 * 1024 * 1024], TestContext.Current.CancellationToken);
        await RefusedAsync("Nothing was numbered", "sign", "--from", "us", "--to", "iran", "--file", large, "--out", PathOf("large.json"));
        // Small enough by itself, and not once it is sealed, padded and signed.
        await File.WriteAllBytesAsync(large, new byte[150 * 1024], TestContext.Current.CancellationToken);
        await RefusedAsync("Nothing was numbered", "sign", "--from", "us", "--to", "iran", "--file", large, "--out", PathOf("large.json"));
        await RefusedAsync("atlantis", "sign", "--from", "us", "--to", "atlantis", "--text", "x", "--out", PathOf("none.json"));
        await RefusedAsync("30", "sign", "--from", "us", "--to", "iran", "--text", "x", "--lifetime", "31d", "--out", PathOf("none.json"));
        Assert.False(File.Exists(PathOf("large.json")));
        await SignAsync("one.json", "The first.", "normal");
        Assert.Equal(1, (await EnvelopeOfAsync("one.json")).Id.Sequence);

        // A file that is there is not overwritten, and the sequence stays free.
        await RefusedAsync("is there already", "sign", "--from", "us", "--to", "iran", "--text", "x", "--out", PathOf("one.json"));
        await SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", "The second.", "--out", PathOf("one.json"), "--force");
        Assert.Equal(2, (await EnvelopeOfAsync("one.json")).Id.Sequence);
    }

    [Fact]
    public async Task Again_OfALostEnvelope_IsTheSameUntilItIsLoggedAndAnotherOnlyBefore()
    {
        await SignAsync("one.json", "The first.", "normal");
        await SignAsync("two.json", "The second.", "normal");
        var first = await EnvelopeOfAsync("one.json");
        var (code, _, notes) = await RunAsync("submit", PathOf("two.json"), "--http");
        Assert.True(code == 0 && notes.Contains($"{Negotiation}/us/normal/2 is held until it comes", StringComparison.Ordinal), notes);
        await StatusAsync("later ones are held for it");
        await RefusedAsync("The relay holds", "sign", "--again", "1", "--from", "us", "--text", "Another.", "--out", PathOf("other.json"));

        await SucceedAsync("sign", "--again", "1", "--from", "us", "--out", PathOf("again.json"));
        Assert.Equal(first.Digest, (await EnvelopeOfAsync("again.json")).Digest);
        await SucceedAsync("submit", PathOf("again.json"), "--http");
        var heard = await SucceedAsync("listen", "iran", "--count", "2");
        Assert.Contains("The first.", heard, StringComparison.Ordinal);
        Assert.Contains("The second.", heard, StringComparison.Ordinal);
        await RefusedAsync("is in the ledger", "sign", "--again", "1", "--from", "us", "--text", "Another.", "--out", PathOf("other.json"));
        Assert.Contains("Everything made is in the ledger", await SucceedAsync("status", "us"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Again_WithOtherWords_HasEverythingAfterItMadeAgainInOrder()
    {
        await SignAsync("one.json", "The first.", "normal");
        await SignAsync("two.json", "The second.", "normal");
        await SucceedAsync("sign", "--again", "1", "--from", "us", "--text", "Better said.", "--out", PathOf("better.json"));
        await RefusedAsync("--again 2", "sign", "--from", "us", "--to", "iran", "--text", "The third.", "--out", PathOf("three.json"));
        var (code, status, _) = await RunAsync("status", "us");
        Assert.True(code == 1 && status.Contains("--again 2", StringComparison.Ordinal), status);
        await SucceedAsync("sign", "--again", "2", "--from", "us", "--out", PathOf("two-again.json"));
        await SignAsync("three.json", "The third.", "normal");
        foreach (var file in new[] { "better.json", "two-again.json", "three.json" }) await SucceedAsync("submit", PathOf(file));
        var heard = await SucceedAsync("listen", "iran", "--count", "3");
        Assert.Equal(["Better said.", "The second.", "The third."], Said().Matches(heard).Select(match => match.Groups[1].Value));
        Assert.Contains("All is well", await SucceedAsync("audit", "us"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_WithAVaultThatTheDocumentDoesNotName_IsRefusedBeforeSealing()
    {
        var document = LocalDirectory.PathOf(State, Negotiation);
        var text = await File.ReadAllTextAsync(document, TestContext.Current.CancellationToken);
        const string Other = "https://localhost:9999/keys/";
        await File.WriteAllTextAsync(document, VaultOf().Replace(text, Other), TestContext.Current.CancellationToken);
        await RefusedAsync(
            $"The document names {Other}", "sign", "--from", "us", "--to", "iran", "--text", "x", "--out", PathOf("one.json"));
        await File.WriteAllTextAsync(document, text, TestContext.Current.CancellationToken);
        await SignAsync("one.json", "The first.", "normal");
        Assert.Equal(1, (await EnvelopeOfAsync("one.json")).Id.Sequence);
    }

    private async Task RefusedAsync(string reason, params string[] args)
    {
        var (code, _, errors) = await RunAsync(args);
        Assert.True(code == 1 && errors.Contains(reason, StringComparison.Ordinal), $"{code}: {errors}");
    }

    [GeneratedRegex("│ (.*)")]
    private static partial Regex Said();

    [GeneratedRegex("https://localhost:[0-9]+/keys/")]
    private static partial Regex VaultOf();
}
