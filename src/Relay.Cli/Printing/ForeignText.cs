using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Relay.Cli.Printing;

/// <summary>
/// Text that somebody else wrote (a statement, a reason, a name out of an answer) as it may stand among this program's own lines:
/// nothing in it moves the cursor, ends the line, turns the
/// direction of writing or hides.
/// </summary>
internal static class ForeignText
{
    // Own lines begin at the first column, so nothing after this can be taken for one.
    private const string Border = "  │ ";
    private const string Tab = "    ";
    private const int Gap = 3;

    /// <summary>
    /// One line, with what cannot be seen made visible: control characters as their pictures (␊), others by number (&lt;U+202E&gt;).
    /// </summary>
    public static string Line(string? text)
    {
        var line = new StringBuilder(text?.Length ?? 0);
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            // A row of spaces would push what follows to the start of the terminal's next row.
            if (rune.Value is ' ' or '\t' && EndsInGap(line)) continue;
            Append(line, rune.Value == '\t' ? new Rune(' ') : rune);
        }

        return line.ToString();
    }

    /// <summary><see cref="Line"/> as Spectre's markup takes it.</summary>
    public static string Cell(string? text) => Markup.Escape(Line(text));

    /// <summary>Text of many lines behind a border, broken so that the terminal breaks none of them.</summary>
    /// <param name="columns">Width of the terminal; narrower ones than 20 are taken as 20.</param>
    public static IEnumerable<string> Block(string text, int columns)
    {
        var width = Math.Max(columns, 20) - Border.Length;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            foreach (var piece in Pieces(line, width)) yield return Border + piece;
        }
    }

    private static bool EndsInGap(StringBuilder line) =>
        line.Length >= Gap && line[^1] == ' ' && line[^2] == ' ' && line[^3] == ' ';

    private static IEnumerable<string> Pieces(string line, int width)
    {
        var piece = new StringBuilder();
        var used = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            var visible = new StringBuilder();
            if (rune.Value == '\t') visible.Append(Tab);
            else Append(visible, rune);
            var columns = Columns(visible);
            if (used + columns > width)
            {
                yield return piece.ToString();
                piece.Clear();
                used = 0;
            }

            piece.Append(visible);
            used += columns;
        }

        yield return piece.ToString();
    }

    // At most what a terminal takes: beyond the Latin letters some are two columns wide.
    private static int Columns(StringBuilder visible)
    {
        var columns = 0;
        foreach (var rune in visible.ToString().EnumerateRunes()) columns += rune.Value < 0x300 ? 1 : 2;
        return columns;
    }

    private static void Append(StringBuilder line, Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.Control when rune.Value < 0x20:
                line.Append((char)(0x2400 + rune.Value));
                break;
            case UnicodeCategory.Control when rune.Value == 0x7F:
                line.Append('\u2421');
                break;
            case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                line.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
                break;
            default:
                line.Append(rune.ToString());
                break;
        }
    }
}
