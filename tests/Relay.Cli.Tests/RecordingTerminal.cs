using System.Text;
using Relay.Cli.Commands;
using Relay.Testing;

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

    /// <summary>
    /// Runs one to its end as a process does, by the same parser, to the same exit code, without a runtime that starts for it. Files are
    /// given by their whole path: this process stays in its folder.
    /// </summary>
    public static async Task<RelayRun> RunOnceAsync(params string[] args)
    {
        using var raw = new MemoryStream();
        await using var output = new StreamWriter(raw) { AutoFlush = true };
        using var notes = new StringWriter();
        var terminal = Terminal.Of(output, notes, raw, TimeProvider.System);
        var code = await TestDeadline.Within(RelayCommand.RunAsync(args, terminal, TestContext.Current.CancellationToken));
        return new RelayRun(code, Encoding.UTF8.GetString(raw.ToArray()), notes.ToString());
    }
}
