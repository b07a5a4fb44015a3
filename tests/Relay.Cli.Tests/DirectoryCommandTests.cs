using Relay.Testing;

namespace Relay.Cli.Tests;

/// <summary><c>relay directory check</c>: what a quorum survives, in words and as an exit code.</summary>
public sealed class DirectoryCommandTests
{
    [Theory]
    [InlineData(3, "", 0, "Any two quorums share weight 2 at least")]
    [InlineData(3, "1", 0, "withstands weight 1 that lies")]
    [InlineData(3, "2", 1, "does not withstand weight 2 that lies")]
    [InlineData(4, "3", 0, "withstands weight 3 that lies")]
    [InlineData(2, "", 1, "quorum: expected more than half of the total weight 4")]
    public async Task Check_Quorum_SaysWhetherTwoContradictingEnvelopesCanPass(int quorum, string lying, int exitCode, string said)
    {
        using var folder = new TemporaryFolder();
        var document = folder.Write("doha.json", Document(quorum));
        var terminal = new RecordingTerminal();
        string[] more = lying.Length == 0 ? [] : ["--lying", lying];

        var code = await terminal.RunAsync(["directory", "check", document, "--state", folder.Path, .. more]);

        Assert.Contains(said, string.Join(' ', (terminal.Out + terminal.Notes).Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
        Assert.Equal(exitCode, code);
    }

    private static string Document(int quorum) =>
        $$"""
        { "negotiation": "doha-2026", "version": 1, "quorum": {{quorum}}, "mode": "open",
          "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" } },
          "mediators": {
            "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 2 },
            "oman": { "key": "https://kv.vault.azure.net/keys/mediator-oman", "weight": 1 },
            "swiss": { "key": "https://kv.vault.azure.net/keys/mediator-swiss", "weight": 1 } } }
        """;
}
