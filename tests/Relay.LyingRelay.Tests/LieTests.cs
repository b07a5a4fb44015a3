using System.Text;
using Relay.Architecture.Tests;
using Relay.LyingRelay.Judging;
using Relay.LyingRelay.Lies;

namespace Relay.LyingRelay.Tests;

/// <summary>
/// Every lie is noticed by somebody's tool, what cannot be noticed is named, and nobody is accused where no lie is told. The table of who
/// notices what is in the program's README; <c>RELAY_WRITE_LIES=1</c> writes it anew.
/// </summary>
public sealed class LieTests(Trials trials) : IClassFixture<Trials>
{
    private const string Begin = "<!-- lies -->\n";
    private const string End = "<!-- end of lies -->";

    public static TheoryData<string> Kinds => [.. Enum.GetNames<LieKind>()];

    [Fact]
    public void Table_HasARowForEachKindAndFortyLies()
    {
        Assert.Equal(Enum.GetValues<LieKind>(), LieTable.Rows.Keys.Order());
        Assert.True(LieTable.Rows.Values.Count(lie => !lie.IsHonest) >= 40);
        // What is inherently unseen is one thing, and stands in the threat table in these words.
        Assert.Equal([TakingLies.SilentSender], LieTable.Rows.Values.Select(lie => lie.Unseen).OfType<string>());
        Assert.Contains(
            $"**{TakingLies.SilentSender}**", File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Lie_OfEachKind_IsNoticedAndHonestyIsNot(string kind)
    {
        var lie = LieTable.Rows[Enum.Parse<LieKind>(kind)];
        var words = await trials.WordsAsync(Enum.Parse<LieKind>(kind));
        var noticed = words.Where(word => word.Notices).ToList();
        var expectsNone = lie.IsHonest || lie.Unseen is not null;
        Assert.True(
            noticed.Count == 0 == expectsNone,
            $"{kind}: {string.Join("; ", words.Select(word => $"{word.Step} {word} {word.Text}"))}");
        // Whoever keeps silent was not asked.
        Assert.DoesNotContain(words, word => lie.Silent.Contains(word.Party) && word.Tool != "listen");
        if (lie.IsHonest) Assert.Contains(words, word => word is { Step: Step.NextAudit, Tool: "audit", Exit: 0 });
    }

    [Fact]
    public async Task Readme_TableOfVerdicts_IsWhatWasSeen()
    {
        var table = new StringBuilder(LieVerdicts.Head);
        foreach (var kind in Enum.GetValues<LieKind>())
        {
            table.Append(LieVerdicts.Row(kind, LieTable.Rows[kind], await trials.WordsAsync(kind)));
        }

        var path = Path.Combine(Repository.Root, "tests", "Relay.LyingRelay", "README.md");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        Assert.InRange(from, Begin.Length, to);
        var written = $"{text[..from]}{table}{text[to..]}";
        if (Environment.GetEnvironmentVariable("RELAY_WRITE_LIES") == "1")
        {
            await File.WriteAllTextAsync(path, written, TestContext.Current.CancellationToken);
            return;
        }

        Assert.Equal(written, text);
    }
}
