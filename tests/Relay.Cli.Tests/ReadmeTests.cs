using System.CommandLine;
using System.CommandLine.Parsing;

namespace Relay.Cli.Tests;

/// <summary>What the README tells people to type is understood, word for word.</summary>
public sealed class ReadmeTests
{
    private const string Prefix = "dotnet run --project src/Relay.Cli -- ";

    public static TheoryData<string> Commands => [.. Lines().Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..])];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_InTheReadme_Parses(string command)
    {
        var parsed = RelayCommand.Create(new RecordingTerminal().Terminal).Parse(CommandLineParser.SplitCommandLine(command).ToArray());
        // The files that the text speaks of are the reader's.
        Assert.DoesNotContain(parsed.Errors, static error => !error.Message.Contains("is not there", StringComparison.Ordinal));
        Assert.NotSame(parsed.RootCommandResult, parsed.CommandResult);
    }

    [Fact]
    public void Commands_InTheReadme_AreTheOnesANewcomerNeeds() =>
        Assert.Equal(["demo", "up", "listen", "sign", "submit", "audit", "check"], Commands.Select(row => row.Data.Split(' ')[0]).Distinct());

    private static IEnumerable<string> Lines()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Relay.sln")))
        {
            folder = folder.Parent;
        }

        return File.ReadLines(Path.Combine(folder.FullName, "README.md"));
    }
}
