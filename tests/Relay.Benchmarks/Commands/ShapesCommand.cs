using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Relay.Benchmarks.Shapes;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>shapes</c>: the pipeline and the ledger under backlogs of many shapes, with every call at the store counted.</summary>
internal static class ShapesCommand
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(1.5);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public static Command Create(Terminal terminal)
    {
        var stores = Many("--stores", "Where the ledgers are: memory, folder.", ShapeStore.Memory, ShapeStore.Folder);
        var negotiations = Many("--negotiations", "Negotiations of a backlog.", 1, 10, 100, 1_000);
        var orders = Many(
            "--orders",
            "Order of the envelopes: ordered (streams in turns), random, reversed (each stream within windows of 64).",
            ShapeOrder.Ordered,
            ShapeOrder.Random,
            ShapeOrder.Reversed);
        var senders = Many("--senders", "Senders of each negotiation, 64 at most.", 1);
        var workers = Many("--workers", "Workers on the one queue.", 1);
        var envelopes = BenchOptions.Number(
            "--envelopes", "Envelopes of a backlog, shared among its streams; each has one at least.", 4_000);
        var rate = BenchOptions.Number("--rate", "Envelopes a second instead of a backlog; 0 for a backlog.", 0);
        var bytes = BenchOptions.Number("--bytes", "Bytes of content in each envelope.", 256);
        var batch = BenchOptions.Number("--batch", "Heads that the mediator signs at once, 4,096 at most; 1 for one at a time.", 1);
        var patience = BenchOptions.Number("--patience", "Seconds after which a shape is given up.", 60);
        var rounds = BenchOptions.Number("--rounds", "Times that each shape is measured.", 1);
        var seed = BenchOptions.Number("--seed", "Of the shuffles.", 1);
        var stack = new Option<bool>("--stack")
        {
            Description = "Through the whole local stack instead, one worker, ledgers in a folder: rates and waits alone.",
        };
        var app = new Option<string>("--app")
        {
            Description = "With --stack, the folder of the relay's app beside this program, or any other.",
            DefaultValueFactory = static _ => "worker",
        };
        var json = new Option<bool>("--json") { Description = "Prints a JSON object a line and shape instead of the table." };
        var command = new Command(
            "shapes",
            "The pipeline and the ledger in this process, with one signature an envelope, under backlogs of every shape: rates, waits, and "
                + "what each envelope costs at the store. --negotiations 100000 --orders ordered has one envelope of each.")
        {
            stores, negotiations, orders, senders, workers, envelopes, rate, bytes, batch, patience, rounds, seed, stack, app, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new ShapeBench(
                parsed.GetRequiredValue(bytes),
                parsed.GetRequiredValue(batch),
                parsed.GetRequiredValue(rate),
                TimeSpan.FromSeconds(parsed.GetRequiredValue(patience)),
                Afterwards,
                terminal.Time);
            var shapes =
                from store in parsed.GetRequiredValue(stores)
                from count in parsed.GetRequiredValue(negotiations)
                from ofEach in parsed.GetRequiredValue(senders)
                from many in parsed.GetRequiredValue(workers)
                from order in parsed.GetRequiredValue(orders)
                from _ in Enumerable.Range(0, parsed.GetRequiredValue(rounds))
                select new Shape(store, count, ofEach, many, order, parsed.GetRequiredValue(envelopes));
            var results = new List<ShapeResult>();
            var whole = parsed.GetValue(stack)
                ? new StackBench(
                    parsed.GetRequiredValue(app), parsed.GetRequiredValue(bytes), parsed.GetRequiredValue(batch), terminal.Time)
                : null;

            // Warms every path and counts for nothing.
            if (whole is null)
            {
                await bench.RunAsync(new Shape(ShapeStore.Memory, 10, 2, 2, ShapeOrder.Random, 1_000), 0, cancellationToken);
            }

            foreach (var shape in shapes)
            {
                var result = whole is null
                    ? await bench.RunAsync(shape, parsed.GetRequiredValue(seed), cancellationToken)
                    : await whole.RunAsync(shape, parsed.GetRequiredValue(seed), cancellationToken);
                results.Add(result);
                terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {shape}: {Text(result.PerSecond)}/s");
            }

            if (parsed.GetValue(json))
            {
                foreach (var result in results) terminal.Out.WriteLine(JsonSerializer.Serialize(result, Format));
                return 0;
            }

            terminal.Out.Write(TableOf(results));
            return 0;
        });
        return command;
    }

    private static Table TableOf(List<ShapeResult> results)
    {
        var table = new Table().AddColumns(
            "store", "negotiations", "senders", "workers", "order", "envelopes/s", "p50 ms", "p99 ms", "stall ms", "gc ms", "us each",
            "KB each", "tries", "puts", "conditional", "gets", "deletes", "bytes put", "fsyncs");
        foreach (var result in results)
        {
            var (shape, store) = (result.Shape, result.Store);
            table.AddRow(
                shape.Store.ToString(),
                Text(shape.Negotiations),
                Text(shape.Senders),
                Text(shape.Workers),
                shape.Order.ToString(),
                Text(result.PerSecond) + (result.IsComplete ? "" : $" ({result.Done} done)"),
                Text(result.P50, "0.0"),
                Text(result.P99, "0.0"),
                Text(result.LongestStall),
                Text(result.LongestPause),
                Text(result.Process.Processor.TotalMicroseconds / Math.Max(1, result.Done)),
                Text(result.Each(result.Process.AllocatedBytes) / 1_024, "0.0"),
                Text(result.Each(result.Bus.Received), "0.00"),
                Text(result.Each(store.Puts), "0.00"),
                Text(result.Each(store.ConditionalPuts), "0.00"),
                Text(result.Each(store.Gets), "0.00"),
                Text(result.Each(store.Deletes), "0.00"),
                Text(result.Each(store.BytesPut)),
                shape.Store == ShapeStore.Folder ? Text(result.Each(result.Syncs), "0.00") : "");
        }

        return table;
    }

    private static Option<T[]> Many<T>(string name, string what, params T[] values) =>
        new(name) { Description = what, DefaultValueFactory = _ => values, AllowMultipleArgumentsPerToken = true };

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
