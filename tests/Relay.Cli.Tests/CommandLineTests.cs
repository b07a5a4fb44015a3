using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests;

/// <summary>What a newcomer meets: help, and errors of one line that say what to do.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string> Commands =>
    [
        "up", "chaos", "demo", "keys", "keys create", "keys list", "keys disable", "keys withdraw", "keys export",
        "directory", "directory check", "directory put", "sign", "submit", "status", "top", "listen", "topology", "topology config",
        "check",
        "dlq", "dlq list", "dlq show", "dlq redrive", "dlq drop", "dlq log",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfEveryCommand_DescribesItAndEachOfItsOptions(string command)
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(0, await terminal.RunAsync([.. command.Split(' '), "--help"]));
        Assert.Contains("Description:", terminal.Out, StringComparison.Ordinal);
        var undescribed = terminal.Out.Split('\n').Where(
            line => line.TrimStart().StartsWith("--", StringComparison.Ordinal) && !line.Trim().Contains("  ", StringComparison.Ordinal));
        Assert.Empty(undescribed);
    }

    [Theory]
    [InlineData("submit")]
    [InlineData("frobnicate")]
    [InlineData("demo", "--envelopes", "3")]
    [InlineData("up", "--amqp-port", "70000")]
    [InlineData("up", "--chaos", "vault=sideways")]
    [InlineData("chaos", "vault")]
    [InlineData("sign", "--lane", "fast")]
    public async Task Run_WithWrongWords_FailsAndSaysSo(params string[] args)
    {
        var terminal = new RecordingTerminal();
        Assert.NotEqual(0, await terminal.RunAsync(args));
        Assert.NotEmpty(terminal.Notes.Trim());
    }

    [Fact]
    public async Task KeysList_WithoutAStack_SaysHowToStartOne()
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(1, await terminal.RunAsync("keys", "list", "--state", Path.Combine(Path.GetTempPath(), "relay-no-such-stack")));
        var line = Assert.Single(terminal.Notes.Trim().Split('\n'));
        Assert.StartsWith("error: No local stack runs on", line, StringComparison.Ordinal);
        Assert.Contains("relay up", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UpHybrid_OverAFolderWithKeysOnP256_ChangesNothingAndSaysWhatToDo()
    {
        var state = Directory.CreateTempSubdirectory("relay-up-").FullName;
        using (LocalDelegation.LoadOrCreate(state, "iran"))
        {
            var terminal = new RecordingTerminal();
            Assert.Equal(1, await terminal.RunAsync("up", "--hybrid", "--vault-port", "0", "--state", state));
            var said = $"error: iran's encryption key in {state} is there already, and is on P-256.";
            Assert.StartsWith(said, terminal.Notes.Trim(), StringComparison.Ordinal);
            Assert.Contains("--state", terminal.Notes, StringComparison.Ordinal);
        }
        Assert.Equal(["iran"], Directory.GetDirectories(Path.Combine(state, "delegations")).Select(Path.GetFileName));
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Check_OfAFolderThatIsNotThere_SaysSoInOneLine()
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(
            ExitCode.NotProved, await terminal.RunAsync("check", Path.Combine(Path.GetTempPath(), "relay-no-such-store"), "--without-key"));
        Assert.StartsWith(
            "error: Cannot open the store: expected a folder at",
            Assert.Single(terminal.Notes.Trim().Split('\n')),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfALedgerWithoutAHead_NamesItAndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "doha-2026"));
        folder.Write("doha-2026/checkpoint", "not a frame");
        var terminal = new RecordingTerminal();
        Assert.Equal(ExitCode.Bad, await terminal.RunAsync("check", folder.Path, "--without-key"));
        Assert.Contains("Head: head: expected a blob, got none", terminal.Out, StringComparison.Ordinal);
        Assert.Contains(
            "Checkpoint: checkpoint: expected the bytes that were put, got torn or damaged ones", terminal.Out, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(folder.Path, "doha-2026")], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task DirectoryCheck_OfAnInvalidDocument_NamesEveryError()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "bad.json", """{"negotiation":"Doha","delegations":{},"mediators":{},"quorum":0,"mode":"open","version":1}""");
        var terminal = new RecordingTerminal();
        Assert.Equal(1, await terminal.RunAsync("directory", "check", path));
        foreach (var member in new[] { "negotiation", "delegations", "quorum" })
        {
            Assert.Contains($"{member}: expected", terminal.Notes, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Submit_OfAFileThatIsNoEnvelope_SaysWhatItIsNot()
    {
        using var folder = new TemporaryFolder();
        var terminal = new RecordingTerminal();
        Assert.Equal(1, await terminal.RunAsync("submit", folder.Write("note.txt", "hello")));
        Assert.Contains("note.txt is not an envelope (NotJson)", terminal.Notes, StringComparison.Ordinal);
    }
}
