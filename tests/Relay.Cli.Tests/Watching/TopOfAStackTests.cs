using Relay.Cli.Tests.Slips;

namespace Relay.Cli.Tests.Watching;

/// <summary><c>relay top</c> of a delegation, in a pseudo terminal, on a stack that runs.</summary>
[Collection(StackOfSlips.Collection)]
public sealed class TopOfAStackTests(StackOfSlips stack)
{
    [Fact]
    public async Task Top_LookingIntoANegotiation_VerifiesItsLedgerHere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pseudo terminal is opened as Linux does.");
        await stack.SucceedAsync("submit", stack.PathOf("first.json"));
        await using var screen = TerminalScreen.Start(80, 24, stack.Root, "top", "us", "--every", "1s", "--state", stack.Stack.State);
        await screen.UntilAsync(
            static look => look.Contains("\n>· doha-2026       open ", StringComparison.Ordinal), "the list, by the relay's word");
        screen.Type("\r");
        await screen.UntilAsync(
            static look => look.Contains("\n open, verified here: ", StringComparison.Ordinal)
                && look.Contains("sends    us ", StringComparison.Ordinal)
                && look.Contains("doha-2026/us/normal/1 to iran", StringComparison.Ordinal),
            "the ledger, verified, with the envelope");
        screen.Type("\u001b");
        await screen.UntilAsync(
            static look => look.Contains("\n>✓ doha-2026       open ", StringComparison.Ordinal), "the list, verified here");
        screen.Type("q");
        await screen.UntilAsync(static look => look.Contains("\n exit 0\n", StringComparison.Ordinal), "the shell again");
    }
}
