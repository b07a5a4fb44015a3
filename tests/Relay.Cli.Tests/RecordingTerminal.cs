using System.Text;
using Relay.Cli.Commands;

namespace Relay.Cli.Tests;

/// <summary>Runs the command in this process and keeps what it prints.</summary>
/// <param name="time">The clock that the command sees; null for the system's.</param>
internal sealed class RecordingTerminal(TimeProvider? time = null)
{
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _notes = new();

    public string Out => _out.ToString();

    public string Notes => _notes.ToString();

    public Stream Raw { get; } = Stream.Null;

    public Terminal Terminal => Terminal.Of(new StringWriter(_out), new StringWriter(_notes), Raw, time ?? TimeProvider.System);

    public Task<int> RunAsync(params string[] args) => RelayCommand.RunAsync(args, Terminal, TestContext.Current.CancellationToken);
}
