using System.CommandLine;
using Relay.Benchmarks.EndToEnd;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>relay</c>: the relay beside its twin.</summary>
internal static class RelayBenchCommand
{
    public static Command Create(Terminal terminal)
    {
        var app = new Option<string>("--app")
        {
            Description = "Folder of the relay's app beside this program, or any other.",
            DefaultValueFactory = static _ => "worker",
        };
        var count = BenchOptions.Number("--envelopes", "Envelopes of each backlog.", 1_500);
        var rate = BenchOptions.Number("--rate", "Envelopes a second afterwards.", 200);
        var seconds = BenchOptions.Number("--seconds", "Seconds of that.", 5);
        var rounds = BenchOptions.Number("--rounds", "Rounds that count; one more comes first.", 3);
        var bytes = BenchOptions.Number("--bytes", "Bytes of content in each envelope.", 256);
        var batch = new Option<bool>("--twin-batch") { Description = "Has the twin take batches; one message an invocation otherwise." };
        var command = new Command(
            "relay", "Queue to topic through the relay and through its twin, in turns: a backlog, then a steady rate.")
        {
            app, count, rate, seconds, rounds, bytes, batch,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new RelayBenchPlan(
                parsed.GetRequiredValue(app), parsed.GetRequiredValue(count), parsed.GetRequiredValue(rate),
                parsed.GetRequiredValue(seconds), parsed.GetRequiredValue(rounds), parsed.GetRequiredValue(bytes),
                parsed.GetValue(batch));
            var progress = new SynchronousProgress<string>(line => terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {line}"));
            var table = new Table().AddColumns("figure", "relay", "twin", "ratio");
            foreach (var (figure, relay, twin, ratio) in await new RelayBench(plan, terminal.Time, progress).RunAsync(cancellationToken))
            {
                table.AddRow(Markup.Escape(figure), relay, twin, ratio);
            }

            terminal.Out.Write(table);
            return 0;
        });
        return command;
    }
}
