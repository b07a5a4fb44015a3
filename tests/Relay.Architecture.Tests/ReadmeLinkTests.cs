using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>Links of the root README lead somewhere, and those of its threat table to the very test or lie that they name.</summary>
public sealed partial class ReadmeLinkTests
{
    private const string Table = "## Who can do what";

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Links_OfTheReadme_LeadToWhatTheyName()
    {
        var links = Link().Matches(Text).Select(match => (Name: match.Groups[1].Value, Path: match.Groups[2].Value.Split('#')[0])).ToList();
        Assert.NotEmpty(links);
        foreach (var (name, path) in links.Where(link => !link.Path.Contains("://", StringComparison.Ordinal) && link.Path.Length > 0))
        {
            var file = Path.Combine(Repository.Root, path);
            Assert.True(File.Exists(file) || Directory.Exists(file), $"[{name}] leads to {path}, which is not there");
            if (!name.StartsWith('`') || !IsTest(path)) continue;
            Assert.True(Names(File.ReadAllText(file), name.Trim('`')), $"[{name}] leads to {path}, which has nothing of that name");
        }
    }

    [Fact]
    public void ThreatTable_EachAdversary_HasATestForWhatItCannot()
    {
        var rows = Text[Text.IndexOf(Table, StringComparison.Ordinal)..].Split('\n')
            .SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split(" | "))
            .ToList();
        Assert.True(rows.Count >= 9, $"expected a row for each adversary, got {rows.Count}");
        foreach (var row in rows)
        {
            Assert.Equal(4, row.Length);
            Assert.Contains(Link().Matches(row[2]), match => IsTest(match.Groups[2].Value));
        }
    }

    private static bool IsTest(string path) => path.StartsWith("tests/", StringComparison.Ordinal);

    // A method of a test, or a row of a table.
    private static bool Names(string text, string name) => text.Contains($" {name}(", StringComparison.Ordinal)
        || text.Contains($"| `{name}` |", StringComparison.Ordinal);

    [GeneratedRegex(@"\[([^\]]+)\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
