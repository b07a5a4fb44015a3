using Relay.Cli.Commands;
using Relay.Testing;

namespace Relay.Cli.Tests.Documents;

/// <summary>
/// Every command line of every document is run, each as a process, as far as it
/// goes without a deployment: to its end here, or to its first connection there.
/// </summary>
public sealed class DocumentedCommandTests
{
    private const string Readme = "README.md";
    private const string Infra = "infra/README.md";

    // Said of an address that cannot be reached, and of a login that cannot be had: what comes first depends on the service.
    private const string FirstConnection = "reachable|az login";

    // The name of a span, not a command.
    private const string Span = "envelope";

    public static TheoryData<string, string> Mentions =>
    [
        .. DocumentedCommands.Sources.SelectMany(
            static source =>
                DocumentedCommands.MentionsIn(source)
                    .Where(static words => words != Span)
                    .Select(words => new TheoryDataRow<string, string>(source, words))),
    ];

    [Theory]
    [MemberData(nameof(Mentions))]
    public void Mention_OfACommandAndItsOptions_IsOfWhatIsThere(string source, string words)
    {
        var parsed = RelayCommand.Create(new RecordingTerminal().Terminal).Parse(DocumentedCommands.Words(words));
        Assert.True(parsed.UnmatchedTokens.Count == 0, $"{source}: relay {words}: {string.Join(' ', parsed.UnmatchedTokens)}");
        Assert.NotSame(parsed.RootCommandResult, parsed.CommandResult);
    }

    [Fact]
    public async Task Readme_InItsOrder_DoesWhatItSays()
    {
        await using var folder = await DocumentFolder.CreateAsync();
        var lines = DocumentedCommands.LinesOf(Readme).ToList();
        Assert.Equal(
            ["demo", "up", "listen", "sign", "submit", "status", "audit", "check", "prekeys"],
            lines.Select(static line => line.Split(' ')[0]));
        foreach (var words in lines.Select(DocumentedCommands.Words))
        {
            switch (words[0])
            {
                case "demo":
                    await folder.StartAsync("Function app (process ", words);
                    break;
                case "up":
                    // The folder's own, on free ports, runs already.
                    Assert.Matches("runs on .* already", (await folder.RunAsync(words)).Errors);
                    break;
                case "listen":
                    await folder.StartAsync("Listening as iran", words);
                    break;
                case "submit":
                    await folder.SucceedAsync(words);
                    // The listener of the other terminal, by whose word a reader goes on.
                    Assert.Contains("Good morning", await folder.SucceedAsync("listen", "iran", "--count", "1"), StringComparison.Ordinal);
                    break;
                case "prekeys":
                    // The variable of the line above it.
                    var secret = new Dictionary<string, string> { ["RELAY_PREKEY_SECRET"] = "a long passphrase" };
                    var published = await RelayProgram.RunAsync(folder.Root, secret, words);
                    Assert.Contains("100 one-time keys left", published.Output, StringComparison.Ordinal);
                    break;
                default:
                    await folder.SucceedAsync(words);
                    break;
            }
        }
    }

    [Fact]
    public async Task Deployment_InItsOrder_GetsToItsFirstConnection()
    {
        await using var folder = await DocumentFolder.CreateAsync();
        Directory.CreateDirectory(Path.Combine(folder.Root, "infra", "local", "generated"));
        File.Copy(Path.Combine(DocumentedCommands.Root, "infra", "topology.json"), Path.Combine(folder.Root, "infra", "topology.json"));
        // What the commands with a vault and a bus would leave for those after them.
        await folder.SucceedAsync(
            "sign", "--from", "us", "--to", "iran", "--text", "Good morning", "--mediators", "qatar", "--out", "made-one.json");
        await folder.SucceedAsync("sign", "--add", "made-one.json", "--mediators", "oman", "--out", "made-both.json");
        await folder.MoveKeysAsync();
        string[] sources = [Infra, "infra/local/compose.yml", ".github/workflows/deploy.yml"];
        var lines = sources.SelectMany(DocumentedCommands.LinesOf).Distinct().ToList();
        Assert.Equal(
            ["directory", "sign", "sign", "submit", "listen", "demo", "topology"], lines.Select(static line => line.Split(' ')[0]));
        foreach (var line in lines)
        {
            var words = DocumentFolder.Fill(line);
            foreach (var name in new[] { "one.json", "both.json" })
            {
                var path = Path.Combine(folder.Root, name);
                if (words.Zip(words.Skip(1)).Contains(("--out", name))) File.Delete(path);
                else File.Copy(Path.Combine(folder.Root, "made-" + name), path, overwrite: true);
            }

            if (!DocumentFolder.IsDeployed(line))
            {
                await folder.SucceedAsync(words);
                continue;
            }

            var run = await folder.RunAsync(words);
            Assert.True(run.ExitCode == 1, $"relay {string.Join(' ', words)} exited with {run.ExitCode}: {run.Errors}{run.Output}");
            var last = run.Errors.TrimEnd().Split('\n')[^1];
            Assert.Matches("^error: ", last);
            Assert.Matches(FirstConnection, last);
        }
    }

    [Fact]
    public void Sources_WithWholeLines_AreAllRun()
    {
        string[] run = [Readme, Infra, "infra/local/compose.yml", ".github/workflows/deploy.yml"];
        Assert.Equal(
            run.Order(StringComparer.Ordinal), DocumentedCommands.Sources.Where(static source => DocumentedCommands.LinesOf(source).Any()));
    }
}
