using System.Globalization;
using Spectre.Console;

namespace Relay.Cli.Printing;

/// <summary>
/// How commands print: their own words as markup, and whatever is filled in as <see cref="ForeignText"/>. A test holds that no command
/// prints in another way.
/// </summary>
internal static class Lines
{
    /// <summary>One line. What stands in braces cannot break out of it, whoever wrote it.</summary>
    public static void Say(this IAnsiConsole console, FormattableString line) => console.MarkupLine(line.ToString(CellFormat.Instance));

    /// <summary>Foreign text of many lines, behind a border.</summary>
    public static void Quote(this Terminal terminal, string text)
    {
        foreach (var line in ForeignText.Block(text, terminal.Columns))
        {
            terminal.Out.WriteLine(line);
        }
    }

    /// <summary>Formats every argument in the invariant culture, then as a cell.</summary>
    private sealed class CellFormat : IFormatProvider, ICustomFormatter
    {
        public static readonly CellFormat Instance = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) =>
            ForeignText.Cell(
                arg is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : arg?.ToString());
    }
}
