using System.Text.Json.Nodes;
using Relay.Local.Topology;
using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests;

/// <summary><c>relay topology config</c>: JSON and nothing else where it can be piped, and what was changed beside it.</summary>
public sealed class TopologyCommandTests
{
    private const string LongerLock = "PT2M";

    [Fact]
    public async Task Config_WithoutOptions_PrintsTheOfficialEmulatorsConfigAndNotesWhatWasChanged()
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(0, await terminal.RunAsync("topology", "config"));
        var expected = LocalTopology.Default.ToEmulatorConfig(EmulatorLimits.Official);
        Assert.Equal(expected.Json, terminal.Out);
        Assert.NotEmpty(expected.Notes);
        Assert.Equal(expected.Notes.Select(note => "note: " + note), terminal.Notes.Trim().Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public async Task Config_CloudLimits_PrintsTheTopologyUnchangedWithoutNotes()
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(0, await terminal.RunAsync("topology", "config", "--limits", "cloud"));
        Assert.Equal(LocalTopology.Default.ToEmulatorConfig(EmulatorLimits.Cloud).Json, terminal.Out);
        Assert.Empty(terminal.Notes.Trim());
    }

    [Fact]
    public async Task Config_OfAFileToAFile_WritesThatTopologyIntoANewFolder()
    {
        using var folder = new TemporaryFolder();
        var topology = folder.Write(
            "topology.json",
            Topology().Replace("\"lockDuration\": \"PT1M\"", $"\"lockDuration\": \"{LongerLock}\"", StringComparison.Ordinal));
        var config = Path.Combine(folder.Path, "generated", "Config.json");
        var terminal = new RecordingTerminal();
        Assert.Equal(0, await terminal.RunAsync("topology", "config", "--file", topology, "--out", config));
        Assert.Contains(config, terminal.Out, StringComparison.Ordinal);
        var written = JsonNode.Parse(await File.ReadAllBytesAsync(config, TestContext.Current.CancellationToken))!;
        Assert.Equal(
            LongerLock, written["UserConfig"]!["Namespaces"]![0]!["Queues"]![0]!["Properties"]!["LockDuration"]!.GetValue<string>());
    }

    [Fact]
    public async Task Config_OfAFileThatIsNoTopology_SaysWhatIsWrongAndWritesNothing()
    {
        using var folder = new TemporaryFolder();
        var config = Path.Combine(folder.Path, "Config.json");
        var terminal = new RecordingTerminal();
        Assert.Equal(
            1,
            await terminal.RunAsync(
                "topology",
                "config",
                "--file",
                folder.Write("bad.json", Topology().Replace("\"quorum\": 3", "\"quorum\": 9", StringComparison.Ordinal)),
                "--out",
                config));
        Assert.Contains("error: bad.json is not a topology: quorum is 9", terminal.Notes, StringComparison.Ordinal);
        Assert.False(File.Exists(config));
    }

    [Theory]
    [InlineData("topology", "config", "--limits", "azure")]
    [InlineData("topology", "config", "--file", "no-such-topology.json")]
    public async Task Config_WithWrongOptions_FailsAndSaysSo(params string[] args)
    {
        var terminal = new RecordingTerminal();
        Assert.Equal(1, await terminal.RunAsync(args));
        Assert.Contains(args[^1], terminal.Notes, StringComparison.Ordinal);
    }

    private static string Topology()
    {
        using var resource = typeof(LocalTopology).Assembly.GetManifestResourceStream("topology.json")!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
