using Relay.Cli.Printing;
using Relay.Cli.Tests.Documents;

namespace Relay.Cli.Tests.Printing;

/// <summary>What others wrote cannot be taken for what this program says.</summary>
public sealed class ForeignTextTests
{
    // As ListenCommand prints it.
    private const string Verdict = "doha-2026/us/normal/2 signed by us#1 through oman, qatar, swiss, weight 4 of 3";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\v")]
    [InlineData("\f")]
    public void Block_OfATextThatImitatesAVerdict_HasNoLineThatBeginsAsOneDoes(string lineBreak)
    {
        var lines = ForeignText.Block($"Good morning.{lineBreak}{Verdict}{lineBreak}[green]{Verdict}[/]", 200).ToList();
        Assert.All(lines, line => Assert.StartsWith("  │ ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029'));
        Assert.Contains(lines, line => line.Contains(Verdict, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(20)]
    [InlineData(1)]
    [InlineData(200)]
    public void Block_OfALongLine_IsBrokenBeforeTheTerminalBreaksIt(int columns)
    {
        // Padded so that a terminal of 80 columns would begin its next row with the verdict.
        var lines = ForeignText.Block(new string(' ', 76) + Verdict + new string('漢', 300) + "\t\u202e" + Verdict, columns).ToList();
        Assert.All(lines, line => Assert.StartsWith("  │ ", line, StringComparison.Ordinal));
        Assert.All(
            lines,
            line => Assert.True(line.EnumerateRunes().Sum(rune => rune.Value is < 0x300 or 0x2502 ? 1 : 2) <= Math.Max(columns, 20), line));
    }

    [Theory]
    [InlineData("a\u202eb", "a<U+202E>b")]
    [InlineData("a\u2066b\u2069", "a<U+2066>b<U+2069>")]
    [InlineData("\u200fa\u200eb\u061c", "<U+200F>a<U+200E>b<U+061C>")]
    [InlineData("pay\u200bpal", "pay<U+200B>pal")]
    [InlineData("\ufeffa", "<U+FEFF>a")]
    [InlineData("soft\u00adhyphen", "soft<U+00AD>hyphen")]
    [InlineData("\u001b[31mred\u0007", "␛[31mred␇")]
    [InlineData("\u009b31m", "<U+009B>31m")]
    [InlineData("\u007f\b", "␡␈")]
    [InlineData("two\nlines\r\n", "two␊lines␍␊")]
    [InlineData("a\u2028b\u2029c\u0085d", "a<U+2028>b<U+2029>c<U+0085>d")]
    [InlineData("\ue000", "<U+E000>")]
    [InlineData("tab\there", "tab here")]
    [InlineData("a          b", "a   b")]
    [InlineData("Grüße, 漢字, سلام, 🙂 [red]", "Grüße, 漢字, سلام, 🙂 [red]")]
    public void Line_OfWhatCannotBeSeen_ShowsIt(string text, string expected) => Assert.Equal(expected, ForeignText.Line(text));

    [Fact]
    public void Line_OfALoneSurrogateAndATag_ShowsThem()
    {
        Assert.Equal("\uFFFD", ForeignText.Line("\ud800"));
        Assert.Equal("<U+E0041>", ForeignText.Line("\U000E0041"));
        Assert.Equal("", ForeignText.Line(null));
    }

    [Fact]
    public void Say_OfMarkupAndLineBreaksInWhatIsFilledIn_PrintsOneLineOfThem()
    {
        var terminal = new RecordingTerminal();
        terminal.Terminal.Out.Say($"[red]refused:[/] {"[green]holds:[/]\nholds: \u202eall"} {3:000}");
        Assert.Equal("refused: [green]holds:[/]␊holds: <U+202E>all 003", terminal.Out.TrimEnd());
    }

    [Fact]
    public void Commands_Print_ByLinesAlone()
    {
        string[] ways =
        [
            "MarkupLineInterpolated(", "MarkupInterpolated(", "MarkupLine(", "Markup.Escape(", "Out.WriteLine(\"", "Out.WriteLine($",
            "Notes.WriteLine(", "Console.Write",
        ];
        var files = new[] { "Commands", "Signing", "Targets", "Demo", "." }
            .SelectMany(part => Directory.EnumerateFiles(Path.Combine(DocumentedCommands.Root, "src", "Relay.Cli", part), "*.cs"));
        var found = files.SelectMany(
            path => File.ReadLines(path).Where(
                line => ways.Any(way => line.Contains(way, StringComparison.Ordinal))).Select(line => $"{path}: {line.Trim()}"));
        Assert.Empty(found);
    }
}
