using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Relay.Cli.Tests.Documents;

/// <summary>What the documents, workflows and compose files tell people to type.</summary>
internal static partial class DocumentedCommands
{
    private const string Project = "--project src/Relay.Cli";

    /// <summary>Top of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every document and script of the repository that may name a command, relative to <see cref="Root"/>.</summary>
    public static IEnumerable<string> Sources { get; } =
    [
        .. new[] { "*.md", "*.yml" }
            .SelectMany(pattern => Directory.EnumerateFiles(Root, pattern, Options))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    private static EnumerationOptions Options =>
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System | FileAttributes.ReparsePoint };

    /// <summary>The command lines of a document, in its order: whole lines that call the project.</summary>
    public static IEnumerable<string> LinesOf(string source) => File.ReadLines(Path.Combine(Root, source))
        .Where(static line => line.Contains(Project, StringComparison.Ordinal) && line.Contains(" -- ", StringComparison.Ordinal))
        // Everything after the "--" that ends dotnet's own options, without the shell's comment.
        .Select(
            static line =>
                line[(line.IndexOf(" -- ", line.IndexOf(Project, StringComparison.Ordinal), StringComparison.Ordinal) + 4)..]
                    .Split("  #")[0]
                    .Split(" || ")[0]
                    .Trim());

    /// <summary>Commands that a document mentions in its text, with or without what follows them.</summary>
    public static IEnumerable<string> MentionsIn(string source) =>
        Mention().Matches(File.ReadAllText(Path.Combine(Root, source))).Select(static match => match.Groups[1].Value).Distinct();

    /// <summary>A command line as a shell divides it.</summary>
    public static string[] Words(string line) => [.. CommandLineParser.SplitCommandLine(line)];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Relay.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    [GeneratedRegex("`relay ([a-z][^`\n]*)`", RegexOptions.CultureInvariant)]
    private static partial Regex Mention();
}
