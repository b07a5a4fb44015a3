using System.Text.Json;
using Relay.Cli.Commands;
using Relay.Cli.Targets;
using Relay.Local;
using Relay.Local.Chaos;
using Relay.Testing;

namespace Relay.Cli.Tests.Targets;

/// <summary>The moved time of a local stack is that of commands on it, and of no others.</summary>
public sealed class StackTimeTests : IDisposable
{
    private const string Bus =
        "Endpoint=sb://localhost:5673;SharedAccessKeyName=relay;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _machine = new();
    private readonly ChaosBoard _board;

    public StackTimeTests()
    {
        Write(Environment.ProcessId, canBeDisturbed: true);
        _board = ChaosBoard.Create(Path.Combine(_folder.Path, "chaos-board"));
        _board.TimeShift = Hour;
    }

    public void Dispose()
    {
        _board.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("listen iran")]
    [InlineData("sign --from us --to iran --text x")]
    [InlineData("audit iran --negotiation doha-2026")]
    [InlineData("submit {file}")]
    [InlineData("demo --against local")]
    [InlineData("listen iran --vault https://localhost:8443")]
    [InlineData("listen iran --url https://localhost:7443")]
    [InlineData("dlq list --service-bus " + Bus)]
    public void Time_OfACommandOnTheStack_IsTheStacks(string line) => Assert.Equal(Hour, ShiftOf(line));

    [Theory]
    [InlineData("up")]
    [InlineData("demo")]
    [InlineData("topology config")]
    [InlineData("listen iran --url https://relay.example")]
    [InlineData("listen iran --vault https://kv.vault.azure.net")]
    [InlineData("listen iran --service-bus ns.servicebus.windows.net")]
    [InlineData("listen iran --key {file}")]
    [InlineData("verify ledger --relay-key https://kv.vault.azure.net/keys/relay-checkpoint")]
    [InlineData("dlq redrive --container https://account.blob.core.windows.net/operators")]
    [InlineData("demo --against ns.servicebus.windows.net")]
    public void Time_OfAnyOtherCommand_IsThisMachines(string line) => Assert.Equal(TimeSpan.Zero, ShiftOf(line));

    [Fact]
    public void Time_MovedWhileACommandRuns_IsReadAnew()
    {
        using var time = Follow("listen iran");
        Assert.Equal(_machine.GetUtcNow() + Hour, time.GetUtcNow());
        _board.TimeShift = 2 * Hour;
        Assert.Equal(_machine.GetUtcNow() + 2 * Hour, time.GetUtcNow());
        _board.TimeShift = TimeSpan.Zero;
        Assert.Equal(_machine.GetUtcNow(), time.GetUtcNow());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Time_OfAStackThatHasEndedOrCannotBeDisturbed_IsThisMachines(bool runs, bool canBeDisturbed)
    {
        // No process has this number.
        Write(runs ? Environment.ProcessId : int.MaxValue, canBeDisturbed);
        Assert.Equal(TimeSpan.Zero, ShiftOf("listen iran"));
    }

    [Fact]
    public void Time_OfABoardThatCannotBeRead_IsThisMachines()
    {
        File.Delete(Path.Combine(_folder.Path, "chaos-board"));
        _folder.Write("chaos-board", "x");
        Assert.Equal(TimeSpan.Zero, ShiftOf("listen iran"));
    }

    private TimeSpan ShiftOf(string line)
    {
        using var time = Follow(line);
        return time.Shift;
    }

    private StackTime Follow(string line)
    {
        var file = _folder.Write("file", "x");
        var words = line.Split(' ').Select(word => word.Replace("{file}", file, StringComparison.Ordinal));
        var time = new StackTime(_machine);
        time.Follow(RelayCommand.Create(new RecordingTerminal().Terminal).Parse([.. words, "--state", _folder.Path]));
        return time;
    }

    private void Write(int processId, bool canBeDisturbed) => _folder.Write("endpoints.json", JsonSerializer.Serialize(
        new LocalEndpoints(
            Bus, new Uri("http://localhost:7071"), new Uri("https://localhost:8443"), "AB", "vault.crt", new Uri("https://localhost:7443"),
            "server.crt", processId)
        {
            Chaos = canBeDisturbed ? new Uri("http://localhost:7072/chaos") : null,
        },
        JsonSerializerOptions.Web));
}
