using System.CommandLine;
using System.Globalization;
using Relay.Benchmarks.Viewers;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>viewers</c>: what looking at live stats takes from relaying, with and without in turns.</summary>
internal static class ViewersCommand
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public static Command Create(Terminal terminal)
    {
        var negotiations = BenchOptions.Number("--negotiations", "Negotiations, each with its own ledger and one envelope a turn.", 10_000);
        var viewers = BenchOptions.Number("--viewers", "Viewers, each of its own negotiation but one who sees all.", 200);
        var rounds = BenchOptions.Number("--rounds", "Turns without and with viewers; one more warms.", 6);
        var command = new Command(
            "viewers",
            "The pipeline in this process with viewers of live stats and without, in turns: what they take of its rate, of the processor "
                + "and of memory.")
        {
            negotiations, viewers, rounds,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (count, crowd) = (parsed.GetRequiredValue(negotiations), parsed.GetRequiredValue(viewers));
            await using var bench = new ViewersBench(count, crowd, 256, terminal.Time);
            var (rates, processors) = (new List<double>(), new List<double>());
            var (without, with) = (new List<double>(), new List<double>());
            for (var round = 0; round <= parsed.GetRequiredValue(rounds); round++)
            {
                var wires = await bench.NextAsync(cancellationToken);
                var alone = await bench.RelayAsync(wires, cancellationToken);
                wires = await bench.NextAsync(cancellationToken);
                (TimeSpan Took, TimeSpan Processor) watched;
                await using (await bench.LookAsync(crowd, cancellationToken)) watched = await bench.RelayAsync(wires, cancellationToken);
                if (round == 0) continue;
                without.Add(count / alone.Took.TotalSeconds);
                with.Add(count / watched.Took.TotalSeconds);
                rates.Add(with[^1] / without[^1]);
                processors.Add(watched.Processor / alone.Processor);
                terminal.Notes.MarkupLineInterpolated(
                    CultureInfo.InvariantCulture, $"turn {round}: {without[^1]:0}/s, with viewers {with[^1]:0}/s");
            }

            var quiet = await bench.RestAsync(Rest, cancellationToken);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var told = bench.Told;
            await using (await bench.LookAsync(crowd, cancellationToken))
            {
                var looked = await bench.RestAsync(Rest, cancellationToken);
                var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
                Print(terminal, without, with, rates, processors);
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{crowd} viewers while nothing passes: {(looked - quiet) / Rest:P2} of a core, {memory / 1048576.0:0.0} MiB; "
                        + $"{bench.Told - told} events in {Rest.TotalSeconds:0} s"));
            }

            return 0;
        });
        return command;
    }

    private static void Print(Terminal terminal, List<double> without, List<double> with, List<double> rates, List<double> processors)
    {
        var table = new Table().AddColumns("figure", "minimum", "median", "maximum");
        foreach (var (figure, values, format) in new[]
        {
            ("envelopes/s without viewers", without, "0"),
            ("envelopes/s with viewers", with, "0"),
            ("rate, with / without", rates, "0.000"),
            ("processor time, with / without", processors, "0.000"),
        })
        {
            values.Sort();
            table.AddRow([figure, .. new[] { values[0], values[values.Count / 2], values[^1] }
                .Select(value => value.ToString(format, CultureInfo.InvariantCulture))]);
        }

        terminal.Out.Write(table);
    }
}
