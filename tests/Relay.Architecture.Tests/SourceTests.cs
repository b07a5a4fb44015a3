using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>Rules about the text of the source that no analyzer holds.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 400;
    private const int MaxColumns = 140;

    // Files from before there was a limit. The list only gets shorter.
    private static readonly string[] NotYetWrapped = File.ReadAllLines(
        Path.Combine(Repository.Root, "tests", "Relay.Architecture.Tests", "LongLines.txt"));

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void Files_PeopleWrote_AreAtMost400Lines(string folder)
    {
        var files = Repository.CSharpFiles(folder).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => file.Lines.Length > MaxLines).Select(file => $"{file.Path} ({file.Lines.Length} lines)"));
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void Lines_PeopleWrote_AreAtMost140Columns(string folder)
    {
        var tooLong =
            from file in Repository.CSharpFiles(folder)
            where !NotYetWrapped.Contains(file.Path)
            from line in LongLines(file.Lines, literalsCount: folder == "src")
            select $"{file.Path}:{line}";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void NotYetWrapped_Files_AreThereAndStillTooWide()
    {
        var wide = Repository.CSharpFiles("src").Concat(Repository.CSharpFiles("tests"))
            .Where(file => LongLines(file.Lines, literalsCount: file.Path.StartsWith("src/", StringComparison.Ordinal)).Any())
            .Select(file => file.Path);
        Assert.Empty(NotYetWrapped.Except(wide));
    }

    [Fact]
    public void LongLines_LiteralsOfATest_AreVectorsAndDoNotCount()
    {
        var (code, literal) = (new string('x', 141), new string('x', 120));
        var call = $"    Send(\"a \\\" b {literal}\");";
        Assert.Equal([1], LongLines([code], literalsCount: true));
        Assert.Equal([1], LongLines([code], literalsCount: false));
        Assert.Equal([1], LongLines([call + "//  longer"], literalsCount: true));
        Assert.Empty(LongLines([call], literalsCount: false));
        Assert.Equal([5], LongLines(["    var json = \"\"\"", code, "    \"\"\";", code[1..], code], literalsCount: true));
    }

    [Fact]
    public void LogEventIds_AreUnique()
    {
        var ids = Repository.CSharpFiles("src")
            .SelectMany(
                file => LoggerMessage().Matches(string.Join('\n', file.Lines)).Select(match => (Id: match.Groups[1].Value, file.Path)));
        var twice = ids.GroupBy(entry => entry.Id)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(e => e.Path))}");
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

    // What stands in raw text over several lines, SQL and style sheets, is not
    // C#. In tests, other literals are vectors too, which read worse in pieces.
    private static IEnumerable<int> LongLines(string[] lines, bool literalsCount)
    {
        var isRaw = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var wasRaw = isRaw;
            isRaw ^= RawQuotes().Count(lines[i]) % 2 == 1;
            var counted = literalsCount ? lines[i] : Literal().Replace(lines[i], "");
            if (counted.Length > MaxColumns && !wasRaw) yield return i + 1;
        }
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex(@"""{3,}.*?(?:""{3,}|$)|""(?:\\.|[^""\\])*""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex LoggerMessage();
}
