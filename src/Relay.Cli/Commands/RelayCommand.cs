using System.CommandLine;
using System.CommandLine.Parsing;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary>The <c>relay</c> command: its subcommands, and the one place where their exceptions become a line and an exit code.</summary>
internal static class RelayCommand
{
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        using var time = new StackTime(terminal.Time);
        terminal = terminal with { Time = time };
        var parsed = Create(terminal).Parse(args);
        if (ParseFaults.Of(parsed) is { } fault) return Fail(terminal, parsed, fault);
        time.Follow(parsed);
        if (time.Shift is var shift && shift != TimeSpan.Zero)
        {
            terminal.Notes.Say($"By the time of the local stack, which is moved by {shift:c}: {time.GetUtcNow():u}");
        }
        return await RunAsync(parsed, terminal, cancellationToken);
    }

    /// <summary>The same for another program's commands.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        var parsed = root.Parse(args);
        return ParseFaults.Of(parsed) is { } fault
            ? Fail(terminal, parsed, fault)
            : await RunAsync(parsed, terminal, cancellationToken);
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // A running stack hands back what it holds before it goes.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
            Output = terminal.Out.Profile.Out.Writer,
            Error = terminal.Notes.Profile.Out.Writer,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is not TimeoutException)
        {
            return Failure(parsed);
        }
        catch (Exception exception)
        {
            return Fail(terminal, parsed, exception);
        }
    }

    // What the system says ends without a full stop, and the fix begins a sentence of its own.
    private static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '?' or '!' or ':' ? text : text + ".";

    internal static RootCommand Create(Terminal terminal)
    {
        var root = CreateCommands(terminal);
        ParseFaults.RefuseEmptyValues(root, "--text");
        return root;
    }

    private static int Failure(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: JudgingCommand }) return ExitCode.NotProved;
        }
        return ExitCode.Bad;
    }

    private static int Fail(Terminal terminal, ParseResult parsed, Exception exception)
    {
        var (message, fix) = Explanation.Of(exception, terminal.Time);
        terminal.Notes.Say($"[red]error:[/] {Sentence(OneLine(message))} {OneLine(fix)}");
        return Failure(parsed);
    }

    // Some libraries end their messages with an empty line or a list.
    private static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static RootCommand CreateCommands(Terminal terminal) =>
        new("Relay: end-to-end-encrypted envelopes between delegations, through mediators.")
    {
        UpCommand.Create(terminal),
        ChaosCommand.Create(terminal),
        DemoCommand.Create(terminal),
        KeysCommand.Create(terminal),
        DirectoryCommand.Create(terminal),
        SignCommand.Create(terminal),
        SubmitCommand.Create(terminal),
        StatusCommand.Create(terminal),
        TopCommand.Create(terminal),
        ModeCommand.Create(terminal),
        ListenCommand.Create(terminal),
        PrekeysCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        AuditCommand.Create(terminal),
        DeadLetterCommand.Create(terminal),
        SignalsCommand.Create(terminal),
        ForecastCommand.Create(terminal),
        TopologyCommand.Create(terminal),
        CheckCommand.Create(terminal),
    };
}
