using Spectre.Console;

namespace Relay.Cli;

/// <summary>
/// Where commands write and what time they see. Results go to <see cref="Out"/>,
/// everything else to <see cref="Notes"/>, so that output can be piped.
/// </summary>
/// <param name="Out">Results.</param>
/// <param name="Notes">Progress, hints and errors.</param>
/// <param name="Raw">The stream under <paramref name="Out"/>, for bytes that must not be wrapped or coloured.</param>
internal sealed record Terminal(IAnsiConsole Out, IAnsiConsole Notes, Stream Raw, TimeProvider Time)
{
    // Wide enough that no line is broken which another program, or the user's own terminal, would have to join again.
    private const int Unbroken = 10_000;

    /// <summary>Columns of a line of results before the terminal breaks it.</summary>
    public int Columns { get; init; } = Unbroken;

    /// <summary>True when somebody sits at it who can be asked.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>True when results go to a screen that can be drawn on, and keys come from it.</summary>
    public bool IsScreen { get; init; }

    /// <summary>Writes plain text, whoever reads it.</summary>
    public static Terminal Of(TextWriter output, TextWriter notes, Stream raw, TimeProvider time) =>
        new(Console(output, redirected: true), Console(notes, redirected: true), raw, time);

    public static Terminal ForProcess() =>
        new(
            Console(System.Console.Out, System.Console.IsOutputRedirected),
            Console(System.Console.Error, System.Console.IsErrorRedirected),
            System.Console.OpenStandardOutput(),
            TimeProvider.System)
        {
            Columns = System.Console.IsOutputRedirected ? Unbroken : System.Console.WindowWidth,
            IsScreen = !System.Console.IsInputRedirected && !System.Console.IsOutputRedirected,
            IsInteractive = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
        };

    private static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Unbroken;
        return console;
    }
}
