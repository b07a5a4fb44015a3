using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Relay.Benchmarks.Cost;
using Relay.Benchmarks.Shapes;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>cost</c>: what a million envelopes take in operations and bytes, counted, and in dollars at list prices.</summary>
internal static class CostCommand
{
    private const int SlowRate = 20;
    private const int SlowSeconds = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(1.5);
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public static Command Create(Terminal terminal)
    {
        var envelopes = new Option<int>("--envelopes")
        {
            Description = "Envelopes of each backlog that is counted.",
            DefaultValueFactory = static _ => 10_000,
        };
        var json = new Option<bool>("--json") { Description = "Prints a JSON object a line and case instead of the table." };
        var command = new Command(
            "cost",
            "What a million envelopes take at store, bus, vault and host, counted on fewer, and what that costs at list prices.")
        {
            envelopes, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var cases = Cases(parsed.GetRequiredValue(envelopes));
            var sheets = new List<(string Name, CostSheet Sheet)>();
            foreach (var (name, shape, rate) in cases)
            {
                var bench = new ShapeBench(256, batch: 1, rate, Patience, Afterwards, terminal.Time);
                var result = await bench.RunAsync(shape, seed: 1, cancellationToken);
                if (!result.IsComplete)
                {
                    throw new CliFault($"Only {result.Done} envelopes of '{name}' came through.", "Try --envelopes with fewer.");
                }

                sheets.Add((name, new CostSheet(result)));
                terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {name}");
            }

            if (parsed.GetValue(json)) PrintJson(terminal, sheets);
            else Print(terminal, sheets);
            return 0;
        });
        return command;
    }

    private static List<(string Name, Shape Shape, int Rate)> Cases(int envelopes)
    {
        static Shape Of(int negotiations, ShapeOrder order, int count) => new(ShapeStore.Memory, negotiations, 1, 1, order, count);
        return
        [
            ("1 negotiation, backlog", Of(1, ShapeOrder.Ordered, envelopes), 0),
            ("1,000 negotiations, backlog", Of(1_000, ShapeOrder.Ordered, envelopes), 0),
            ($"1 negotiation, {SlowRate}/s", Of(1, ShapeOrder.Ordered, SlowRate * SlowSeconds), SlowRate),
        ];
    }

    private static void Print(Terminal terminal, List<(string Name, CostSheet Sheet)> sheets)
    {
        var table = new Table().AddColumn("a million envelopes");
        foreach (var (name, _) in sheets) table.AddColumn(Markup.Escape(name)).AddColumn("US$");
        var rows = sheets.ConvertAll(static item => item.Sheet.Rows().ToList());
        for (var i = 0; i < rows[0].Count; i++)
        {
            table.AddRow([rows[0][i].What, .. rows.SelectMany(sheet => new[] { Number(sheet[i].Count), Dollars(sheet[i].Dollars) })]);
        }

        table.AddRow(["together, without the mediators'", .. sheets.SelectMany(static item => new[] { "", Dollars(item.Sheet.Relay) })]);
        terminal.Out.Write(table);
        terminal.Out.WriteLine(
            $"List prices written down on {ListPrices.Date}, from {ListPrices.Source}; not confirmed: "
                + $"{string.Join(", ", ListPrices.All.Where(static price => !price.IsConfirmed).Select(static price => price.Name))}.");
        terminal.Out.WriteLine(
            $"Assumed: {Number(CostSheet.InstanceGigabytes)} GB and {Number(CostSheet.ExecutionSeconds)} s an execution, "
                + "one addressee, messages under 64 KiB. Service Bus Premium counts no operations.");
    }

    private static void PrintJson(Terminal terminal, List<(string Name, CostSheet Sheet)> sheets)
    {
        foreach (var (name, sheet) in sheets)
        {
            var line = new { name, pricesOf = ListPrices.Date, relayDollars = sheet.Relay, rows = sheet.Rows() };
            terminal.Out.WriteLine(JsonSerializer.Serialize(line, Format));
        }
    }

    private static string Number(double value) => value.ToString(value < 100 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    private static string Dollars(decimal value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
