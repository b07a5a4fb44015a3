using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>A directory document mended by hand, and not well.</summary>
public sealed class DocumentSlipTests
{
    [Theory]
    [InlineData("not a document", "expected a value at byte 0")]
    [InlineData("""{"negotiation":"doha-2026","delegations":{},"mediators":{},"quorum":0,"mode":"open","version":1}""", "quorum: expected")]
    public async Task Up_OnAMalformedDocument_NamesTheFileItsFaultsAndTheFix(string content, string fault)
    {
        using var folder = new TemporaryFolder();
        var state = Path.Combine(folder.Path, "state");
        Directory.CreateDirectory(Path.Combine(state, "directory"));
        var path = folder.Write(Path.Combine("state", "directory", "doha-2026.json"), content);
        await using var stack = await RunningStack.StartAsync(state, null);
        var errors = await stack.KillAsync();
        var line = Assert.Single(errors.Split('\n'), static line => line.StartsWith("warning: ", StringComparison.Ordinal));
        Assert.Contains(path, line, StringComparison.Ordinal);
        Assert.Contains(fault, line, StringComparison.Ordinal);
        Assert.Contains("mend the file or delete it", line, StringComparison.Ordinal);
    }
}
