using Relay.Cli.Watching;

namespace Relay.Cli.Tests.Watching;

/// <summary>The screen of <c>relay top</c> at the sizes that terminals have, and what each key does to it.</summary>
public sealed class TopScreenTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    [InlineData(20, 5)]
    [InlineData(1, 1)]
    public void Draw_AtAnySize_FillsItExactly(int columns, int rows)
    {
        var state = Filled(100);
        foreach (var keys in new[] { "", "jjj", "\r", "jjj", "/entry 7" })
        {
            Press(state, keys);
            var (lines, highlighted) = TopScreen.Draw(state, columns, rows, Now);
            Assert.Equal(rows, lines.Count);
            Assert.All(lines, line => Assert.Equal(columns, line.Length));
            Assert.True(highlighted is null || (highlighted >= 2 && highlighted < rows - 1), $"{highlighted}");
        }
    }

    [Fact]
    public void Draw_TheList_IsThisScreen()
    {
        string[] expected =
        [
            "relay top  09:00:00  by negotiation",
            "  NEGOTIATION     MODE       ENTRIES   SENT   /MIN NO ANS  REF   PHI ALARM   NEW",
            "✓ n-0             open             0      0    0.0      0    0     -     0  100s",
            "✓ n-1             open            10      1    0.5      1    0  0.50     0   99s",
            "✓ n-2             open            20      2    1.0      2    0  1.00     0   98s",
            "",
            "Up/Down  Enter into  Esc back  / filter  s sort  r turn  Space pause  q quit",
        ];
        Assert.Equal(expected, TopScreen.Draw(Filled(3), 200, 7, Now).Lines.Select(line => line.TrimEnd()));
        Assert.Equal(
            expected.Select(line => line.Length > 80 ? line[..79] + "…" : line),
            TopScreen.Draw(Filled(3), 80, 7, Now).Lines.Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Press_DownAndEnter_LooksIntoTheChosenOneAndEscapeComesBack()
    {
        var state = Filled(3);
        Press(state, "jj");
        Assert.Equal(2, state.Selected);
        Assert.Equal(4, TopScreen.Draw(state, 80, 24, Now).Highlighted);
        Press(state, "\r");
        var lines = TopScreen.Draw(state, 80, 24, Now).Lines;
        Assert.StartsWith("relay top: n-2 ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("open, verified here: 20 entries", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("sends    us", lines[2], StringComparison.Ordinal);
        Press(state, "\u001b");
        Assert.StartsWith("relay top  ", TopScreen.Draw(state, 80, 24, Now).Lines[0], StringComparison.Ordinal);
        Assert.Equal(2, state.Selected);
    }

    [Fact]
    public void Press_Slash_FiltersByWhatIsTyped()
    {
        var state = Filled(30);
        Press(state, "/N-2\b\b-1");
        Assert.True(state.IsTyping);
        // Space and q are text here.
        Press(state, " q\b\b\r");
        Assert.False(state.IsTyping);
        Assert.Equal("N-1", state.Filter);
        Assert.Equal(11, state.Shown.Count);
        Assert.Contains("/N-1", TopScreen.Draw(state, 80, 24, Now).Lines[0], StringComparison.Ordinal);
        Press(state, "\r/entry 4\r");
        // Inside, lines are filtered: the negotiation stays.
        Assert.NotNull(state.Inside);
        Press(state, "\u001b\u001b");
        Assert.Equal(30, state.Shown.Count);
    }

    [Fact]
    public void Press_SAndR_SortsByEachColumnAndTurnsRound()
    {
        var state = Filled(3);
        var first = new List<string>();
        foreach (var _ in Enum.GetValues<TopColumn>())
        {
            first.Add($"{state.Column} {state.Shown[0].Name}");
            Press(state, "s");
        }
        Assert.Equal(["Negotiation n-0", "Sent n-2", "Unanswered n-2", "Silence n-2", "Alarms n-0", "Newest n-2"], first);
        Press(state, "r");
        Assert.Equal("n-2", state.Shown[0].Name);
    }

    [Fact]
    public void Press_Space_KeepsWhatIsShownUntilItIsPressedAgain()
    {
        var state = Filled(3);
        Press(state, " ");
        Assert.Contains("PAUSED", TopScreen.Draw(state, 80, 24, Now).Lines[0], StringComparison.Ordinal);
        state.Take([Ledger(7)]);
        Assert.Equal(3, state.Shown.Count);
        Press(state, " ");
        state.Take([Ledger(7)]);
        Assert.Equal("n-7", Assert.Single(state.Shown).Name);
        Assert.False(state.Press(new ConsoleKeyInfo('q', ConsoleKey.Q, false, false, false)));
    }

    [Fact]
    public void Draw_OfWhatDoesNotHold_SaysSoInItsRow()
    {
        var state = new TopState();
        state.Take([Ledger(1) with { Holds = false, Proof = "DOES NOT HOLD: it has gone back" }]);
        var row = TopScreen.Draw(state, 80, 24, Now).Lines[2];
        Assert.StartsWith("✗ n-1             DOES NOT HOLD: it has gone back", row, StringComparison.Ordinal);
    }

    private static TopState Filled(int count)
    {
        var state = new TopState();
        state.Take([.. Enumerable.Range(0, count).Reverse().Select(Ledger)]);
        return state;
    }

    private static TopLedger Ledger(int i) => new(
        $"n-{i}", $"verified here: {10 * i} entries hash to the signed root", true, "open", 10 * i, i, i / 2.0, i, 0,
        i == 0 ? null : i / 2.0, 0, Now.AddSeconds(i - 100), ["sends    us", "answers  iran"],
        [.. Enumerable.Range(0, 100).Select(entry => $"08:59:00 entry {entry}")]);

    private static void Press(TopState state, string keys)
    {
        foreach (var key in keys)
        {
            var named = key switch
            {
                '\r' => ConsoleKey.Enter,
                '\b' => ConsoleKey.Backspace,
                '\u001b' => ConsoleKey.Escape,
                _ => ConsoleKey.None,
            };
            Assert.True(state.Press(new ConsoleKeyInfo(key, named, false, false, false)));
        }
    }
}
