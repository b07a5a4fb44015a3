using System.Text.Json;
using Azure.Security.KeyVault.Keys;
using Relay.Cli;
using Relay.Cli.Targets;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>What the commands that judge prove, and what they say when they cannot: proved good 0, proved bad 1, not proved 2.</summary>
public sealed class VerdictTests : CommandStack
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TenYearsLater_FromAFolderAndAKeyFile_EverythingHoldsThatDid()
    {
        await SignAsync("one.json", "Kept for the archive.", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SucceedAsync("listen", "iran", "--count", "1", "--save-receipts", PathOf("archive"));
        Assert.Contains("public keys in", await SucceedAsync("keys", "export", "--out", PathOf("keys.json")), StringComparison.Ordinal);
        await DisableEveryKeyAsync();

        // The vault answers, and says that the key is out of use: that voids nothing.
        var envelope = Path.Combine(PathOf("archive"), "doha-2026-us-normal-1");
        string[] verify = ["verify", "receipt", envelope + ".receipt", "--envelope", envelope + ".json"];
        Assert.Contains("it is the receipt of", await SucceedApartAsync(verify), StringComparison.Ordinal);
        Assert.Equal(0, await StopAsync());

        var later = new SetClock(TimeSpan.FromDays(3652));
        Assert.Equal((0, ""), await JudgeAsync(later, [.. verify, "--key", PathOf("keys.json"), "--state", State]));
        Assert.Equal((0, ""), await JudgeAsync(later, ["check", Path.Combine(State, "ledger"), "--key", PathOf("keys.json")]));

        // Without the negotiation's document it is not known whose signatures count.
        string[] elsewhere = [.. verify, "--key", PathOf("keys.json"), "--state", PathOf("archive")];
        Assert.Equal((ExitCode.NotProved, ""), await JudgeAsync(later, elsewhere));
        Assert.Equal((0, ""), await JudgeAsync(later, [.. elsewhere, "--document", LocalDirectory.PathOf(State, "doha-2026")]));

        // Without the file nobody can say, and nobody does.
        var (code, errors) = await JudgeAsync(later, [.. verify, "--state", State]);
        Assert.True(code == ExitCode.NotProved && errors.Contains("error: ", StringComparison.Ordinal), errors);

        // One bit of the receipt, and it is bad, not unproved.
        var receipt = await File.ReadAllTextAsync(envelope + ".receipt", Token);
        await File.WriteAllTextAsync(envelope + ".receipt", receipt.Replace("index 1", "index 2", StringComparison.Ordinal), Token);
        Assert.Equal(ExitCode.Bad, (await JudgeAsync(later, [.. verify, "--key", PathOf("keys.json"), "--state", State])).Code);
    }

    [Fact]
    public async Task Withdraw_TheRelaysKeyAsCompromised_CountsWhatWasSeenBeforeAndWhatItsSuccessorSigns()
    {
        await SignAsync("one.json", "Before.", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SucceedAsync("listen", "iran", "--count", "1", "--save-receipts", PathOf("before"));
        await SucceedAsync("keys", "export", "--out", PathOf("old.json"));
        var withdrawn = Assert.Single(RelayKeysIn("old.json"));
        await SucceedAsync("keys", "create", VaultPublicKeys.RelayKey);
        await SucceedApartAsync("keys", "withdraw", VaultPublicKeys.RelayKey, "--version", withdrawn[(withdrawn.LastIndexOf('/') + 1)..]);
        var (unproved, before, _) = await RunApartAsync("check", Path.Combine(State, "ledger"));
        Assert.Equal(ExitCode.NotProved, unproved);
        Assert.Contains("withdrawn as compromised", before, StringComparison.Ordinal);
        Assert.Equal(0, await StopAsync());
        await InitializeAsync();

        await SignAsync("two.json", "After.", "normal");
        await SucceedAsync("submit", PathOf("two.json"));
        await SucceedAsync("listen", "iran", "--count", "1", "--save-receipts", PathOf("after"));
        Assert.Contains("All is well", await SucceedAsync("audit", "iran"), StringComparison.Ordinal);
        await SucceedAsync("keys", "export", "--out", PathOf("new.json"));
        Assert.Equal(2, RelayKeysIn("new.json").Count);
        string[] receipts =
        [
            Path.Combine(PathOf("before"), "doha-2026-us-normal-1.receipt"), Path.Combine(PathOf("after"), "doha-2026-us-normal-2.receipt"),
        ];

        // The vault, and a file made since, say the same; a file made before cannot know.
        var (code, output, errors) = await RunApartAsync("verify", "receipt", receipts[0]);
        Assert.Equal((ExitCode.NotProved, ""), (code, errors));
        Assert.Contains("withdrawn as compromised", output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotProved, (await RunAsync("verify", "receipt", receipts[0], "--key", PathOf("new.json"))).Code);
        await SucceedAsync("verify", "receipt", receipts[0], "--key", PathOf("old.json"));

        // All of the ledger is proved by the version that is good, what the other signed once included.
        await SucceedAsync("verify", "receipt", receipts[1], "--key", PathOf("new.json"));
        await SucceedApartAsync("verify", "ledger", "--key", PathOf("new.json"));
        Assert.Equal(
            0, (await JudgeAsync(TimeProvider.System, ["check", Path.Combine(State, "ledger"), "--key", PathOf("new.json")])).Code);
        await SucceedAsync("check", Path.Combine(State, "ledger"));
    }

    [Fact]
    public async Task Judges_OfWhatTheyCannotSee_NeverSayWell()
    {
        // Nothing logged yet, then a log that is gone, then one that says nothing of a negotiation.
        foreach (var command in new[] { "audit iran", "verify ledger" })
        {
            var (code, output, errors) = await RunAsync(command.Split(' '));
            Assert.True(code == ExitCode.NotProved, $"{command}: {code} {output} {errors}");
            Assert.DoesNotContain("well", output, StringComparison.Ordinal);
        }
        await SignAsync("one.json", "The ledger begins.", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SucceedAsync("listen", "iran", "--count", "1");
        Assert.Contains("All is well", await SucceedAsync("audit", "iran"), StringComparison.Ordinal);
        await SucceedAsync("verify", "ledger");
        await SucceedAsync("check", Path.Combine(State, "ledger"));
        await JudgeByOtherDocumentAsync();
        var (unsigned, _) = await JudgeAsync(TimeProvider.System, ["check", Path.Combine(State, "ledger"), "--without-key"]);
        Assert.Equal(ExitCode.NotProved, unsigned);
        Assert.Equal(ExitCode.NotProved, (await RunAsync("check", Path.Combine(State, "directory"))).Code);
        Assert.Equal(0, await StopAsync());
        foreach (var command in new[] { "audit iran", "verify ledger", "status us" })
        {
            var (code, output, _) = await RunApartAsync(command.Split(' '));
            Assert.True(code == ExitCode.NotProved, $"{command}: {code} {output}");
        }
    }

    // What is named with --document is what is judged by, whatever the state folder has: under another document nothing is proved.
    private async Task JudgeByOtherDocumentAsync()
    {
        var named = LocalDirectory.PathOf(State, "doha-2026");
        var text = await File.ReadAllTextAsync(named, Token);
        await File.WriteAllTextAsync(PathOf("other.json"), text + "\n", Token);
        foreach (var command in new[] { "audit iran", "verify ledger" })
        {
            string[] words = [.. command.Split(' '), "--document", PathOf("other.json")];
            var (code, output, _) = await RunAsync(words);
            Assert.True(code == ExitCode.NotProved && output.Contains("UnknownPolicy", StringComparison.Ordinal), $"{command}: {output}");
        }
        await SucceedApartAsync("audit", "iran", "--document", named);
        await SignAsync("two.json", "By which document?", "normal");
        await SucceedAsync("submit", PathOf("two.json"));
        var refused = await SucceedAsync("listen", "iran", "--count", "1", "--document", PathOf("other.json"), "--no-acknowledge");
        Assert.Contains("unknown-policy", refused, StringComparison.Ordinal);
    }

    private List<string> RelayKeysIn(string file)
    {
        using var set = JsonDocument.Parse(File.ReadAllBytes(PathOf(file)));
        return [.. set.RootElement.GetProperty("keys").EnumerateArray()
            .Select(key => key.GetProperty("kid").GetString()!)
            .Where(kid => kid.Contains($"/{VaultPublicKeys.RelayKey}/", StringComparison.Ordinal))];
    }

    private async Task DisableEveryKeyAsync()
    {
        var vault = LocalVault.Open(LocalEndpoints.TryRead(State)!, "operator", TimeProvider.System);
        await foreach (var key in vault.GetPropertiesOfKeysAsync(Token))
        {
            KeyVaultKey found = await vault.GetKeyAsync(key.Name, null, Token);
            found.Properties.Enabled = false;
            await vault.UpdateKeyPropertiesAsync(found.Properties, cancellationToken: Token);
        }
    }

    private static async Task<(int Code, string Errors)> JudgeAsync(TimeProvider time, string[] words)
    {
        var (code, _, errors) = await RunAsync(time, words);
        return (code, errors);
    }
}
