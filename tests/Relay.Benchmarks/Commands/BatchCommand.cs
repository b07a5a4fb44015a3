using System.CommandLine;
using System.Globalization;
using Relay.Benchmarks.Pipeline;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>batch</c>: what one signature over many heads saves whoever verifies, and whoever signs.</summary>
internal static class BatchCommand
{
    private static readonly int[] Rates = [10, 100, 1_000, 10_000];
    private static readonly int[] Sizes = [64, 1_024];

    public static Command Create(Terminal terminal)
    {
        var rounds = new Option<int>("--rounds") { Description = "Slices of half a second each.", DefaultValueFactory = static _ => 7 };
        var command = new Command(
            "batch",
            "The pipeline up to the commit over envelopes signed singly and in batches, on one thread, against bare ECDSA P-256 "
                + "verifications, by processor time; and calls of a mediator's key for 1,000 heads, counted, by their rate.") { rounds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var figures = await new BatchBench(terminal.Time).MeasureAsync(parsed.GetRequiredValue(rounds), cancellationToken);
            var table = new Table().AddColumns("signatures", "envelopes/s", "bare, 1/s", "signatures / bare", "times the first");
            foreach (var one in figures)
            {
                var times = one.PerSecond / figures[0].PerSecond;
                table.AddRow(one.Name, Text(one.PerSecond), Text(one.Bare), Text(one.Ratio, "0.00"), Text(times, "0.00"));
            }

            terminal.Out.Write(table);
            var calls = new Table().AddColumns(["heads a second", .. Sizes.Select(size => $"calls for 1,000, batches of {Text(size)}")]);
            foreach (var rate in Rates)
            {
                var row = new List<string> { Text(rate) };
                foreach (var size in Sizes) row.Add(Text(await BatchBench.CallsAsync(rate, size, cancellationToken), "0.0"));
                calls.AddRow([.. row]);
            }

            terminal.Out.Write(calls);
            return 0;
        });
        return command;
    }

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
