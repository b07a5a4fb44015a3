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
            var (lines, highlighted) = TopScreen.Draw(state, columns, rows);
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
            "  NEGOTIATION     MODE          IN    OUT HELD  REF   P50   P99   PHI ALARM  NEW  ENTRIES NO ANS DELAYED GAPS",
            "✓ n-0             open           0      0    0    0 0.050 0.100     -     0 100s        0      0       0    0",
            "✓ n-1             open           1      1    0    0 0.050 0.100  0.50     0  99s       10      1       0    0",
            "✓ n-2             open           2      2    0    0 0.050 0.100  1.00     0  98s       20      2       0    0",
            "",
            "Enter into  Esc back  / filter  s sort  r turn  Space pause  ? help  q quit",
        ];
        Assert.Equal(expected, TopScreen.Draw(Filled(3), 200, 7).Lines.Select(line => line.TrimEnd()));
        Assert.Equal(
            expected.Select(line => line.Length > 80 ? line[..80] : line),
            TopScreen.Draw(Filled(3), 80, 7).Lines.Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Press_DownAndEnter_LooksIntoTheChosenOneAndEscapeComesBack()
    {
        var state = Filled(3);
        Press(state, "jj");
        Assert.Equal(2, state.Selected);
        Assert.Equal(4, TopScreen.Draw(state, 80, 24).Highlighted);
        Press(state, "\r");
        var lines = TopScreen.Draw(state, 80, 24).Lines;
        Assert.StartsWith("relay top: n-2 ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("open, verified here: 20 entries", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("sends    us", lines[2], StringComparison.Ordinal);
        Press(state, "\u001b");
        Assert.StartsWith("relay top  ", TopScreen.Draw(state, 80, 24).Lines[0], StringComparison.Ordinal);
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
        Assert.Contains("/N-1", TopScreen.Draw(state, 80, 24).Lines[0], StringComparison.Ordinal);
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
        Assert.Equal(["Negotiation n-0", "In n-2", "Held n-0", "Refused n-0", "P99 n-0", "Silence n-2", "Alarms n-0", "Newest n-2"], first);
        Press(state, "r");
        Assert.Equal("n-2", state.Shown[0].Name);
    }

    [Fact]
    public void Press_Space_KeepsWhatIsShownUntilItIsPressedAgain()
    {
        var state = Filled(3);
        Press(state, " ");
        Assert.Contains("PAUSED", TopScreen.Draw(state, 80, 24).Lines[0], StringComparison.Ordinal);
        state.Take(new TopFigures([Negotiation(7)]));
        Assert.Equal(3, state.Shown.Count);
        Press(state, " ");
        state.Take(new TopFigures([Negotiation(7)]));
        Assert.Equal("n-7", Assert.Single(state.Shown).Name);
        Assert.False(state.Press(new ConsoleKeyInfo('q', ConsoleKey.Q, false, false, false)));
    }

    [Fact]
    public void Draw_OfWhatDoesNotHold_SaysSoInItsRow()
    {
        var state = new TopState();
        state.Take(new TopFigures([Negotiation(1) with { Holds = false, Proof = "DOES NOT HOLD: it has gone back" }]));
        var row = TopScreen.Draw(state, 80, 24).Lines[2];
        Assert.StartsWith("✗ n-1             DOES NOT HOLD: it has gone back", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_OfWhatTheRelayDoesNotTellNow_KeepsTheFiguresAndSaysSo()
    {
        var state = new TopState();
        state.Take(new TopFigures([Negotiation(1) with { Trouble = "none came" }], "workers 2"));
        var lines = TopScreen.Draw(state, 80, 24).Lines;
        Assert.StartsWith("relay top  09:00:00  by negotiation  NOT NOW: none came", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("? n-1             open           1 ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Press_QuestionMark_ExplainsTheKeysUntilTheNext()
    {
        var state = Filled(3);
        Press(state, "?");
        Assert.Contains(TopScreen.Draw(state, 80, 24).Lines, line => line.StartsWith("Any key goes back.", StringComparison.Ordinal));
        Press(state, "j");
        Assert.Equal(0, state.Selected);
        Assert.DoesNotContain(TopScreen.Draw(state, 80, 24).Lines, line => line.StartsWith("Any key", StringComparison.Ordinal));
    }

    private static TopState Filled(int count)
    {
        var state = new TopState();
        state.Take(new TopFigures([.. Enumerable.Range(0, count).Reverse().Select(Negotiation)]));
        return state;
    }

    private static TopNegotiation Negotiation(int i) => new($"n-{i}")
    {
        At = Now,
        Mode = "open",
        Flow = new TopFlow(i, i, 0, 0, 0, 0.05, 0.1),
        Size = 10 * i,
        Gaps = 0,
        Newest = Now.AddSeconds(i - 100),
        Unanswered = i,
        Silence = i == 0 ? null : i / 2.0,
        Alarms = 0,
        Proof = $"verified here: {10 * i} entries hash to the signed root",
        Holds = true,
        Details = ["sends    us", "answers  iran"],
        Entries = [.. Enumerable.Range(0, 100).Select(entry => $"08:59:00 entry {entry}")],
    };

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
