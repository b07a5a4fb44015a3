using System.Text.Json.Nodes;
using Relay.Cli.Tests.Slips;
using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests;

/// <summary>Prekeys by command: published, sealed to, opened with, gone; and what is said where that does not work.</summary>
[Collection(StackOfSlips.Collection)]
public sealed class PrekeyCommandTests(StackOfSlips stack)
{
    private const string Negotiation = "once-2026";
    private const string Variable = "RELAY_TEST_PREKEY_SECRET";

    private string Folder => Path.Combine(stack.Stack.State, "delegations", "us", "prekeys", Negotiation);

    [Fact]
    public async Task Prekeys_PublishedSealedToAndOpened_AreGoneAndSaidTo()
    {
        await PutDocumentAsync();
        Assert.Contains("has published no prekeys", await FailAsync(2, "prekeys", "check", "us"), StringComparison.Ordinal);
        Assert.Contains(
            "us: lasting key us#enc-1, can be opened for as long as it is kept: the relay has no bundle that lasts",
            await SignAsync("lasting.json"),
            StringComparison.Ordinal);

        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Contains(Variable, await FailAsync(1, "prekeys", "publish", "us", "--prekey-secret", Variable), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "key:" + new string('A', 43));
        Assert.Contains(
            "bundle 1, published now: 100 one-time keys left",
            await SucceedAsync("prekeys", "publish", "us", "--prekey-secret", Variable),
            StringComparison.Ordinal);
        Assert.Contains("us: one-time key us#once-1", await SignAsync("once.json"), StringComparison.Ordinal);
        await SucceedAsync("submit", stack.PathOf("lasting.json"));
        await SucceedAsync("submit", stack.PathOf("once.json"));

        // What is sealed to them would be refused for good.
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Contains(
            "are encrypted", await FailAsync(1, "listen", "us", "--count", "2", "--prekey-secret", Variable), StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "key:" + new string('B', 42) + 'A');
        Assert.Contains(
            "xpected the secret that key store",
            await FailAsync(1, "listen", "us", "--count", "2", "--prekey-secret", Variable),
            StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, "key:" + new string('A', 43));
        Assert.True(File.Exists(KeyFile(1)));
        var heard = await SucceedAsync("listen", "us", "--count", "2", "--prekey-secret", Variable);
        Assert.Contains("opened by lasting key us#enc-1, can be opened for as long as it is kept", heard, StringComparison.Ordinal);
        Assert.Contains("opened by one-time key us#once-1, removed once this is settled", heard, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile(1)));

        var status = await SucceedAsync("prekeys", "status", "us");
        Assert.Contains("here: bundle 1: 99 of 100 one-time keys not used, and the session key", status, StringComparison.Ordinal);
        Assert.Contains("the relay says: bundle 1: 99 one-time keys left", status, StringComparison.Ordinal);
        Assert.Contains("The same here and at the relay", await SucceedAsync("prekeys", "check", "us"), StringComparison.Ordinal);
        File.Delete(KeyFile(2));
        Assert.Contains("99 one-time keys to hand out, and only 98", await FailAsync(1, "prekeys", "check", "us"), StringComparison.Ordinal);

        // Others, of another kind, take their place at once.
        Assert.Contains(
            "bundle 2, published now: 12 one-time keys left",
            await SucceedAsync("prekeys", "publish", "us", "--hybrid", "--prekey-secret", Variable),
            StringComparison.Ordinal);
        Assert.Contains("here: bundle 2 of hybrid keys: 12 of 12", await SucceedAsync("prekeys", "status", "us"), StringComparison.Ordinal);

        // Of what was sealed to them and never came, only its maker has the words, once they are gone.
        Assert.Contains("us: one-time key us#once-101", await SignAsync("late.json"), StringComparison.Ordinal);
        var late = await RunAsync(
            new SetClock(TimeSpan.FromDays(30)),
            "sign", "-n", Negotiation, "--from", "iran", "--again", "3", "--out", stack.PathOf("later.json"));
        Assert.True(late.Code == 1 && late.Said.Contains("nobody may be able to open it", StringComparison.Ordinal), late.Said);
        Assert.Matches("Say it anew: .* sign --again 3 --from iran .* --text [.]{3}, or --file", late.Said);
        Assert.False(File.Exists(stack.PathOf("later.json")));
    }

    [Theory]
    [InlineData("key:short")]
    [InlineData("key:????")]
    public async Task Publish_WithAKeyThatIsNone_SaysWhatIsExpectedAndNotWhatCame(string secret)
    {
        await PutDocumentAsync();
        Environment.SetEnvironmentVariable(Variable, secret);
        var said = await FailAsync(1, "prekeys", "publish", "iran", "--prekey-secret", Variable);
        Assert.Contains("32 bytes in base64url", said, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2!", await FailAsync(1, "listen", "iran", "--prekey-secret", "hunter2!"), StringComparison.Ordinal);
    }

    private async Task PutDocumentAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var document = JsonNode.Parse(await File.ReadAllTextAsync(LocalDirectory.PathOf(stack.Stack.State, "doha-2026"), cancel))!;
        document["negotiation"] = Negotiation;
        await File.WriteAllTextAsync(stack.PathOf("once-document.json"), document.ToJsonString(), cancel);
        var run = await RunAsync("directory", "put", stack.PathOf("once-document.json"));
        Assert.True(run.Code == 0, run.Said);
    }

    private string KeyFile(int id) => Path.Combine(Folder, $"key-us.once-{id}.jwe");

    private async Task<string> SignAsync(string file)
    {
        var run = await RunAsync(
            "sign", "-n", Negotiation, "--from", "iran", "--to", "us", "--text", "Good morning", "--out", stack.PathOf(file));
        Assert.True(run.Code == 0, run.Said);
        return run.Said;
    }

    private async Task<string> SucceedAsync(params string[] words)
    {
        var run = await RunAsync(words[0] == "submit" ? words : [.. words, "-n", Negotiation]);
        Assert.True(run.Code == 0, $"relay {string.Join(' ', words)} exited with {run.Code}: {run.Said}");
        return run.Said;
    }

    private async Task<string> FailAsync(int code, params string[] words)
    {
        var run = await RunAsync([.. words, "-n", Negotiation]);
        Assert.True(run.Code == code, $"relay {string.Join(' ', words)} exited with {run.Code}: {run.Said}");
        return run.Said;
    }

    // In this process: a start of the program would take longer than all that it does.
    private Task<(int Code, string Said)> RunAsync(params string[] words) => RunAsync(TimeProvider.System, words);

    private async Task<(int Code, string Said)> RunAsync(TimeProvider time, params string[] words)
    {
        var terminal = new RecordingTerminal(time);
        var code = await terminal.RunAsync([.. words, "--state", stack.Stack.State]);
        return (code, terminal.Notes + terminal.Out);
    }
}
