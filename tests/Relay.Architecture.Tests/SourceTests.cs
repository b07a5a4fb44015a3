using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>Rules about the text of the source that no analyzer holds.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 400;

    [Fact]
    public void Files_UnderSrc_AreAtMost400Lines()
    {
        var tooLong = Repository.CSharpFiles("src").Where(file => file.Lines.Length > MaxLines).Select(file => $"{file.Path} ({file.Lines.Length} lines)");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void LogEventIds_AreUnique()
    {
        var ids = Repository.CSharpFiles("src")
            .SelectMany(file => LoggerMessage().Matches(string.Join('\n', file.Lines)).Select(match => (Id: match.Groups[1].Value, file.Path)));
        var twice = ids.GroupBy(entry => entry.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(e => e.Path))}");
        Assert.Empty(twice);
    }

    [Fact]
    public void Folders_NamedForNothing_DoNotExist()
    {
        string[] names = ["Common", "Helpers", "Utils", "Utilities", "Shared", "Misc"];
        var found = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
            .Where(folder => names.Contains(Path.GetFileName(folder)))
            .Where(folder => !folder.Contains("/obj/", StringComparison.Ordinal) && !folder.Contains("/bin/", StringComparison.Ordinal));
        Assert.Empty(found);
    }

    [Fact]
    public void Conditionals_UnderSrc_DoNotExist()
    {
        var found = Repository.CSharpFiles("src")
            .Where(file => file.Lines.Any(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal)))
            .Select(file => file.Path);
        Assert.Empty(found);
    }

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex LoggerMessage();
}
