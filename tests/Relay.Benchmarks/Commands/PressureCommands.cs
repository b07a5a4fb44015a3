using System.CommandLine;
using Relay.Benchmarks.Pressure;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>urgent</c> and <c>embargo</c>: what the relay promises, under load.</summary>
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
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new UrgentBench(
                parsed.GetRequiredValue(waiting),
                parsed.GetRequiredValue(rate),
                parsed.GetRequiredValue(seconds),
                terminal.Time,
                Notes(terminal));
            FigureTable.Print(terminal, await bench.RunAsync(cancellationToken));
            return 0;
        });
        return command;
    }

    public static Command CreateEmbargo(Terminal terminal)
    {
        var count = BenchOptions.Number("--envelopes", "Envelopes.", 100_000);
        var lead = BenchOptions.Number(
            "--lead", "Seconds from the start until the first is due; making and sending them must take less.", 240);
        var span = BenchOptions.Number("--span", "Seconds over which they are due.", 180);
        var kill = new Option<bool>("--kill") { Description = "Kills the worker when half of that is over." };
        var command = new Command("embargo", "Envelopes with a time before which they may not be delivered: none early, and how late.")
        {
            count, lead, span, kill,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new EmbargoBench(
                parsed.GetRequiredValue(count),
                TimeSpan.FromSeconds(parsed.GetRequiredValue(lead)),
                TimeSpan.FromSeconds(parsed.GetRequiredValue(span)),
                parsed.GetValue(kill),
                terminal.Time,
                Notes(terminal));
            FigureTable.Print(terminal, await bench.RunAsync(cancellationToken));
            return 0;
        });
        return command;
    }

    private static SynchronousProgress<string> Notes(Terminal terminal) =>
        new(line => terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {line}"));
}
