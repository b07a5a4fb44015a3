using System.CommandLine;
using System.CommandLine.Parsing;

namespace Relay.Cli.Tests;

/// <summary>What the deployment's documents, its compose file and the workflows call is there, word for word.</summary>
public sealed class InfraCommandsTests
{
    private const string Project = "--project src/Relay.Cli ";

    public static TheoryData<string> Commands =>
    [
        .. new[] { "infra/README.md", "infra/local/compose.yml", ".github/workflows/ci.yml", ".github/workflows/deploy.yml" }
            .SelectMany(path => File.ReadLines(Path.Combine(Root(), path)))
            .Where(line => line.Contains(Project, StringComparison.Ordinal))
            // Everything after the "--" that ends dotnet's own options, without the shell's comment.
            .Select(line => line[(line.IndexOf(" -- ", StringComparison.Ordinal) + 4)..].Split("  #")[0].Trim())
            .Distinct(),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_OfTheDeployment_Parses(string command)
    {
        var parsed = RelayCommand.Create(new RecordingTerminal().Terminal).Parse(CommandLineParser.SplitCommandLine(Set(command)).ToArray());
        // The files that the text speaks of are the reader's.
        Assert.DoesNotContain(parsed.Errors, static error => !error.Message.Contains("is not there", StringComparison.Ordinal));
        Assert.NotSame(parsed.RootCommandResult, parsed.CommandResult);
    }

    // As the text before the commands sets them, out of what a deployment answers.
    private static string Set(string command) => command
        .Replace("$BUS", "ns.servicebus.windows.net", StringComparison.Ordinal)
        .Replace("$VAULT_URI", "https://kv.vault.azure.net/", StringComparison.Ordinal)
        .Replace("$APP_URI", "https://app.azurewebsites.net", StringComparison.Ordinal)
        .Replace("$DIRECTORY", "https://account.blob.core.windows.net/directory", StringComparison.Ordinal);

    [Fact]
    public void Commands_OfTheDeployment_AreFound() =>
        Assert.Equal(["demo", "directory", "listen", "sign", "submit", "topology"], Commands.Select(row => row.Data.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Relay.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
