using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>The way of one envelope in Core's README leads through files that are there, each from one before it, and is short.</summary>
/// <remarks>That no file is missing from it, a test cannot tell: whoever changes the way walks it again.</remarks>
public sealed partial class WalkTests
{
    private const int MostFiles = 30;

    private static readonly string Core = Path.Combine(Repository.Root, "src", "Relay.Core");

    private static readonly MatchCollection Rows = Row().Matches(File.ReadAllText(Path.Combine(Core, "README.md")));

    private static readonly List<string> Files = [.. Rows.Select(row => Path.GetFullPath(Path.Combine(Core, row.Groups[2].Value)))];

    [Fact]
    public void Walk_FromQueueToTopic_IsOfAtMost30Files()
    {
        Assert.Equal(Enumerable.Range(1, Files.Count).Select(number => $"{number}"), Rows.Select(row => row.Groups[1].Value));
        Assert.Equal(Files.Count, Files.Distinct().Count());
        Assert.InRange(Files.Count, 1, MostFiles);
        Assert.Contains("[ServiceBusTrigger(", Code(Files[0]), StringComparison.Ordinal);
        Assert.Contains(".SendMessageAsync(", Code(Files[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Walk_EachFile_IsReachedFromOneBeforeIt()
    {
        Assert.NotEmpty(Files);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Files)
        {
            Assert.True(File.Exists(file), $"{file} is not there");
            var code = Code(file);
            // By its type's name, or by that of the port which it is behind.
            var names = Declaration().Matches(code)
                .SelectMany(match => match.Groups[2].Value.Split(',').Append(match.Groups[1].Value))
                .Select(name => name.Trim())
                .Except(["", nameof(IDisposable), nameof(IAsyncDisposable)])
                .ToList();
            Assert.True(file == Files[0] || named.Overlaps(names), $"nothing above {file} names {string.Join(" or ", names)}");
            named.UnionWith(Word().Matches(code).Select(match => match.Value));
        }
    }

    private static string Code(string file) => Comment().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"^\| (\d+) \| \[[^\]]+\]\(([^)]+\.cs)\) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    // A type outside of others, and what it is derived from.
    [GeneratedRegex(
        @"^(?:public|internal)[a-z ]* (?:class|record struct|record) (\w+)(?:<\w+>)?(?:\([^{;]*?\))?(?:\s*:\s*([\w, ]+))?",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Word();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}
