using Azure.Security.KeyVault.Keys;
using Relay.Cli;
using Relay.Cli.Commands;
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
        Assert.Contains("it is the receipt of", await SucceedAsync(verify), StringComparison.Ordinal);
        Assert.Equal(0, await StopAsync());

        var later = new LateClock(TimeSpan.FromDays(3652));
        Assert.Equal((0, ""), await JudgeAsync(later, [.. verify, "--key", PathOf("keys.json"), "--state", State]));
        Assert.Equal((0, ""), await JudgeAsync(later, ["check", Path.Combine(State, "ledger"), "--key", PathOf("keys.json")]));

        // Without the negotiation's document it is not known whose signatures count.
        string[] elsewhere = [.. verify, "--key", PathOf("keys.json"), "--state", PathOf("archive")];
        Assert.Equal((ExitCode.NotProved, ""), await JudgeAsync(later, elsewhere));

        // Without the file nobody can say, and nobody does.
        var (code, errors) = await JudgeAsync(later, [.. verify, "--state", State]);
        Assert.True(code == ExitCode.NotProved && errors.Contains("error: ", StringComparison.Ordinal), errors);

        // One bit of the receipt, and it is bad, not unproved.
        var receipt = await File.ReadAllTextAsync(envelope + ".receipt", Token);
        await File.WriteAllTextAsync(envelope + ".receipt", receipt.Replace("index 1", "index 2", StringComparison.Ordinal), Token);
        Assert.Equal(ExitCode.Bad, (await JudgeAsync(later, [.. verify, "--key", PathOf("keys.json"), "--state", State])).Code);
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
        var (unsigned, _) = await JudgeAsync(TimeProvider.System, ["check", Path.Combine(State, "ledger"), "--without-key"]);
        Assert.Equal(ExitCode.NotProved, unsigned);
        Assert.Equal(ExitCode.NotProved, (await RunAsync("check", Path.Combine(State, "directory"))).Code);
        Assert.Equal(0, await StopAsync());
        foreach (var command in new[] { "audit iran", "verify ledger", "status us" })
        {
            var (code, output, _) = await RunAsync(command.Split(' '));
            Assert.True(code == ExitCode.NotProved, $"{command}: {code} {output}");
        }
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
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await RelayCommand.RunAsync(words, Terminal.Of(output, errors, Stream.Null, time), Token);
        return (code, errors.ToString());
    }

    private sealed class LateClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
