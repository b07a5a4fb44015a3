using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests;

/// <summary><c>relay demo --against</c> as for a relay that runs elsewhere: all that it needs named in one command.</summary>
public sealed class DemoAgainstTests
{
    [Fact]
    public async Task Demo_AgainstAStackUnderAnotherStateFolder_PassesByItsAddressesAlone()
    {
        using var folder = new TemporaryFolder();
        await using var stack = await RunningStack.StartAsync(Path.Combine(folder.Path, "theirs"), null);
        var endpoints = LocalEndpoints.TryRead(stack.State)!;
        var here = Directory.CreateDirectory(Path.Combine(folder.Path, "here")).FullName;
        var run = await RelayProgram.RunAsync(
            here, null,
            "demo", "--envelopes", "200", "--against", endpoints.ServiceBus, "--vault", endpoints.Vault.AbsoluteUri, "--url",
            endpoints.Http.AbsoluteUri,
            "--container", Path.Combine(stack.State, "directory"));
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        Assert.Contains("All 200 genuine envelopes arrived", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(here));
    }
}
