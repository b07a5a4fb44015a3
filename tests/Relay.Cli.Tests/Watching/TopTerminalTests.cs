using System.Text.RegularExpressions;

namespace Relay.Cli.Tests.Watching;

/// <summary><c>relay top</c> as a process in a pseudo terminal of the kernel, driven by keys: whole screens are compared.</summary>
public sealed class TopTerminalTests
{
    private const string Escape = "\u001b";
    private const string Interrupt = "\u0003";

    [Fact]
    public async Task Top_DrivenByKeysAndResized_ShowsTheseScreensAndLeavesTheTerminalAsItWas()
    {
        SkipUnlessLinux();
        await using var server = await StatsServer.StartAsync();
        await using var screen = TerminalScreen.Start(80, 24, server.State, "top", "--every", "1s", "--state", server.State);
        await screen.ShowsAsync("list-80x24", "doha-2026");
        screen.Type("j");
        await screen.ShowsAsync("second-80x24", ">· doha-2026");
        screen.Type("\r");
        await screen.ShowsAsync("inside-80x24", "iran/urgent");
        screen.Type("/reason");
        await screen.ShowsAsync("inside-filtered-80x24", "/reason_");
        screen.Type(Escape);
        await screen.ShowsAsync("inside-80x24", "iran/urgent");
        screen.Type(Escape);
        await screen.ShowsAsync("second-80x24", ">· doha-2026");
        screen.Type("/-2");
        await screen.ShowsAsync("filtering-80x24", "/-2_");
        screen.Type("\r");
        await screen.ShowsAsync("filtered-80x24", "/-2 ");
        screen.Type(Escape);
        await screen.ShowsAsync("second-80x24", ">· doha-2026");
        screen.Type("s");
        await screen.ShowsAsync("by-in-80x24", "by in");
        screen.Type("r");
        await screen.ShowsAsync("turned-80x24", "turned round");
        screen.Type(" ");
        await screen.ShowsAsync("paused-80x24", "PAUSED");
        // Told twice, so what was told first has been shown, had it been let in.
        await server.CountMoreAsync();
        await server.CountMoreAsync();
        screen.Type("r");
        await screen.ShowsAsync("paused-by-in-80x24", "by in  PAUSED");
        screen.Type(" ");
        await screen.ShowsAsync("counted-more-80x24", "440");
        screen.Type("?");
        await screen.ShowsAsync("help-80x24", "Any key goes back");
        await screen.ResizeAsync(200, 60);
        await screen.ShowsAsync("help-200x60", "Any key goes back");
        screen.Type("x");
        await screen.ShowsAsync("list-200x60", "NO ANS");
        screen.Type("\r");
        await screen.ShowsAsync("inside-200x60", "iran/urgent");
        await screen.ResizeAsync(80, 24);
        await screen.ShowsAsync("inside-by-in-80x24", "iran/urgent");
        screen.Type("q");
        await LeftAsItWasAsync(screen);
    }

    [Theory]
    [InlineData(80, 24, "q")]
    [InlineData(80, 24, Interrupt)]
    [InlineData(200, 60, "?q")]
    [InlineData(200, 60, "\r" + Interrupt)]
    public async Task Top_EndedByAKey_LeavesTheTerminalAsItWas(int columns, int rows, string keys)
    {
        SkipUnlessLinux();
        await using var server = await StatsServer.StartAsync();
        await using var screen = TerminalScreen.Start(columns, rows, server.State, "top", "--state", server.State);
        await screen.UntilAsync(static look => look.Contains("doha-2026", StringComparison.Ordinal), "the list");
        screen.Type(keys);
        await LeftAsItWasAsync(screen);
    }

    [Theory]
    [InlineData("q")]
    [InlineData(Interrupt)]
    public async Task Top_WhoseRelayDies_KeepsWhatItKnowsSaysSoAndEndsAsEver(string key)
    {
        SkipUnlessLinux();
        await using var server = await StatsServer.StartAsync();
        await using var screen = TerminalScreen.Start(80, 24, server.State, "top", "--every", "1s", "--state", server.State);
        await screen.UntilAsync(static look => look.Contains("doha-2026", StringComparison.Ordinal), "the list");
        await server.StopAsync();
        await screen.UntilAsync(
            static look => Regex.IsMatch(look, @"NOT NOW: .*\n.*\n(.*\n)*.\? doha-2026 +- +240 +236 "), "that it does not answer");
        screen.Type(key);
        await LeftAsItWasAsync(screen);
    }

    // The screen that the shell had, a cursor, what is typed shown and taken line by line; and the command has succeeded.
    private static async Task LeftAsItWasAsync(TerminalScreen screen)
    {
        await screen.UntilAsync(static look => look.Contains("\n end\n", StringComparison.Ordinal), "the shell again");
        var left = screen.Look();
        Assert.Matches(@"^\d+x\d+ main cursor\n", left);
        Assert.Contains("\n exit 0\n", left, StringComparison.Ordinal);
        foreach (var setting in new[] { "echo", "icanon", "isig", "icrnl", "onlcr" }) Assert.Matches($@"(?<![\w-]){setting}\b", left);
        Assert.DoesNotContain("doha-2026", left, StringComparison.Ordinal);
    }

    private static void SkipUnlessLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The pseudo terminal is opened as Linux does.");
}
