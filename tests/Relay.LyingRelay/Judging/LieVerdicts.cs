using System.Globalization;
using System.Text;
using Relay.LyingRelay.Lies;

namespace Relay.LyingRelay.Judging;

/// <summary>What came of one lie, as a row of the table in the README.</summary>
internal static class LieVerdicts
{
    public const string Head = "| lie | the relay | noticed by, with which words (exit code) | how soon |\n| --- | --- | --- | --- |\n";

    public static string Row(LieKind kind, Lie lie, IReadOnlyList<Word> words)
    {
        var noticed = words.Where(word => word.Notices).Distinct(new SameWord()).ToList();
        var by = noticed.Count > 0 ? string.Join("; ", Group(noticed)) : lie.IsHonest ? "nobody accuses it" : $"nobody: {lie.Unseen}";
        var soon = noticed.Count > 0 ? Text(noticed.Min(word => word.Step)) : "-";
        return string.Create(CultureInfo.InvariantCulture, $"| `{kind}` | {lie.Tells} | {by} | {soon} |\n");
    }

    // The same tool that says the same to several is one.
    private static IEnumerable<string> Group(IEnumerable<Word> words)
    {
        foreach (var group in words.GroupBy(word => (word.Tool, word.Code, word.Exit)))
        {
            var text = new StringBuilder(string.Join(", ", group.Select(word => word.Party).Distinct()));
            text.Append(CultureInfo.InvariantCulture, $" {group.Key.Tool}: {group.Key.Code}");
            if (group.Key.Exit is { } exit) text.Append(CultureInfo.InvariantCulture, $" ({exit})");
            yield return text.ToString();
        }
    }

    private static string Text(Step step) => step switch
    {
        Step.Arrival => "when it comes",
        Step.Audit => "first audit",
        Step.NextEnvelope => "the sender's next envelope",
        Step.NextAudit => "second audit",
    };

    private sealed class SameWord : IEqualityComparer<Word>
    {
        public bool Equals(Word? x, Word? y) => (x?.Party, x?.Tool, x?.Code, x?.Exit) == (y?.Party, y?.Tool, y?.Code, y?.Exit);

        public int GetHashCode(Word obj) => HashCode.Combine(obj.Party, obj.Tool, obj.Code, obj.Exit);
    }
}
