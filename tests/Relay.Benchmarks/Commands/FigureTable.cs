using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary>Figures with one value each, as a table.</summary>
internal static class FigureTable
{
    public static void Print(Terminal terminal, IEnumerable<(string Figure, string Value)> figures)
    {
        var table = new Table().AddColumns("figure", "value");
        foreach (var (figure, value) in figures) table.AddRow(Markup.Escape(figure), Markup.Escape(value));
        terminal.Out.Write(table);
    }
}
