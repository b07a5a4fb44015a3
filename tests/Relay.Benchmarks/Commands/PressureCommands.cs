using System.CommandLine;
using Relay.Benchmarks.Pressure;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary>
/// <c>urgent</c>, <c>embargo</c>, <c>fairness</c>, <c>overload</c> and <c>redrive</c>: what the relay promises, under load.
/// </summary>
internal static class PressureCommands
{
    public static Command CreateUrgent(Terminal terminal)
    {
        var waiting = BenchOptions.Number("--waiting", "Normal envelopes that wait.", 100_000);
        var rate = BenchOptions.Number("--rate", "Urgent envelopes a second.", 20);
        var seconds = BenchOptions.Number("--seconds", "Seconds of that, after as many without.", 15);
        var command = new Command("urgent", "Urgent envelopes while normal ones wait: their latency, and what the normal lane keeps.")
        {
            waiting, rate, seconds,
        };
        return Printing(terminal, command, parsed => new UrgentBench(
            parsed.GetRequiredValue(waiting),
            parsed.GetRequiredValue(rate),
            parsed.GetRequiredValue(seconds),
            terminal.Time,
            Notes(terminal)).RunAsync);
    }

    public static Command CreateEmbargo(Terminal terminal)
    {
        var count = BenchOptions.Number("--envelopes", "Envelopes.", 100_000);
        var lead = BenchOptions.Number(
            "--lead", "Seconds from the start until the first is due; making and sending them must take less.", 240);
        var span = BenchOptions.Number("--span", "Seconds over which they are due.", 180);
        var negotiations = BenchOptions.Number("--negotiations", "Negotiations of which they are, by turns.", 1);
        var streams = BenchOptions.Number("--streams", "Senders of each, by turns; at most 64.", 1);
        var kill = new Option<bool>("--kill") { Description = "Kills the worker when half of that is over." };
        var command = new Command("embargo", "Envelopes with a time before which they may not be delivered: none early, and how late.")
        {
            count, negotiations, streams, lead, span, kill,
        };
        return Printing(terminal, command, parsed => new EmbargoBench(
            parsed.GetRequiredValue(count),
            parsed.GetRequiredValue(negotiations),
            parsed.GetRequiredValue(streams),
            TimeSpan.FromSeconds(parsed.GetRequiredValue(lead)),
            TimeSpan.FromSeconds(parsed.GetRequiredValue(span)),
            parsed.GetValue(kill),
            terminal.Time,
            Notes(terminal)).RunAsync);
    }

    public static Command CreateFairness(Terminal terminal)
    {
        var senders = BenchOptions.Number("--senders", "Senders, with the one that floods.", 50);
        var rate = BenchOptions.Number("--rate", "Envelopes a second of each; twice as many are admitted.", 2);
        var flood = BenchOptions.Number("--flood", "How many times that one sends.", 100);
        var seconds = BenchOptions.Number("--seconds", "Seconds of each turn.", 30);
        var rounds = BenchOptions.Number("--rounds", "Rounds of a turn without and one with the flood.", 4);
        const string Does = "Many senders, in turns without and with one that floods: what that does to the others' latency.";
        var command = new Command("fairness", Does)
        {
            senders, rate, flood, seconds, rounds,
        };
        return Printing(terminal, command, parsed => new FairnessBench(
            parsed.GetRequiredValue(senders),
            parsed.GetRequiredValue(rate),
            parsed.GetRequiredValue(flood),
            parsed.GetRequiredValue(seconds),
            parsed.GetRequiredValue(rounds),
            terminal.Time,
            Notes(terminal)).RunAsync);
    }

    public static Command CreateOverload(Terminal terminal)
    {
        var senders = BenchOptions.Number("--senders", "Senders.", 40);
        var rate = BenchOptions.Number("--rate", "Envelopes a second admitted of each.", 2);
        var times = BenchOptions.Number("--times", "What is posted, in what is admitted.", 5);
        var seconds = BenchOptions.Number("--seconds", "Seconds of that.", 600);
        const string Does = "Senders over HTTP at a multiple of what is admitted: what is refused and how, and how soon it is over.";
        var command = new Command("overload", Does)
        {
            senders, rate, times, seconds,
        };
        return Printing(terminal, command, parsed => new OverloadBench(
            parsed.GetRequiredValue(senders),
            parsed.GetRequiredValue(rate),
            parsed.GetRequiredValue(times),
            parsed.GetRequiredValue(seconds),
            terminal.Time,
            Notes(terminal)).RunAsync);
    }

    public static Command CreateRedrive(Terminal terminal)
    {
        var count = BenchOptions.Number("--dead-letters", "Dead letters.", 100_000);
        var rate = BenchOptions.Number("--rate", "How many a second are put back at most.", 100);
        var others = BenchOptions.Number("--others", "Envelopes a second of the others.", 50);
        var seconds = BenchOptions.Number("--seconds", "Seconds of those alone.", 30);
        const string Does = "Dead letters put back by one command that is killed, interrupted and goes on: how, and what others notice.";
        var command = new Command("redrive", Does)
        {
            count, rate, others, seconds,
        };
        return Printing(terminal, command, parsed => new RedriveBench(
            parsed.GetRequiredValue(count),
            parsed.GetRequiredValue(rate),
            parsed.GetRequiredValue(others),
            parsed.GetRequiredValue(seconds),
            terminal.Time,
            Notes(terminal)).RunAsync);
    }

    private static Command Printing(
        Terminal terminal,
        Command command,
        Func<ParseResult, Func<CancellationToken, Task<IReadOnlyList<(string Figure, string Value)>>>> bench)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            FigureTable.Print(terminal, await bench(parsed)(cancellationToken));
            return 0;
        });
        return command;
    }

    private static SynchronousProgress<string> Notes(Terminal terminal) =>
        new(line => terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {line}"));
}
