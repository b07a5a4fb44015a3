using System.Text;
using Spectre.Console;

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

    public Terminal Terminal => new(Plain(_out), Plain(_notes), Raw, time ?? TimeProvider.System);

    public Task<int> RunAsync(params string[] args) => RelayCommand.RunAsync(args, Terminal, TestContext.Current.CancellationToken);

    private static IAnsiConsole Plain(StringBuilder text)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(new StringWriter(text)),
        });
        // Wider than any line: what is printed must not depend on how long the paths of a machine are.
        console.Profile.Width = 10_000;
        return console;
    }
}
