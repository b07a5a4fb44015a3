using System.Globalization;

namespace Relay.Cli.Watching;

/// <summary>
/// The screen of <c>relay top</c> as lines, each exactly as wide as the terminal and as many as it has rows: what goes to a terminal is
/// decided here, without one. Its clock is the relay's, of the figures that are shown.
/// </summary>
internal static class TopScreen
{
    private const int WideFrom = 110;

    // All three fit 80 columns.
    private const string Keys = "Enter into  Esc back  / filter  s sort  r turn  Space pause  ? help  q quit";
    private const string Header = "  NEGOTIATION     MODE          IN    OUT HELD  REF   P50   P99   PHI ALARM  NEW";
    private const string WideHeader = "  ENTRIES NO ANS DELAYED GAPS";

    private static readonly string[] Help =
    [
        "Up, Down, k, j         choose; inside, scroll",
        "Page up, page down     by ten",
        "Enter                  look into it: its ledger is then read and verified here",
        "Esc, Backspace         back to the list; there, drop the filter",
        "/                      filter names, inside lines; Enter keeps it, Esc drops it",
        "s, r                   sort by the next column; turn the order round",
        "Space                  pause, and go on",
        "q, Ctrl-C              quit",
        "",
        "✓  its ledger was read here and hashes to the signed root",
        "✗  it does not",
        "?  the relay does not answer now",
        "·  the relay's word; nothing was verified here",
        "",
        "IN, OUT, HELD, REF     of the last hour, as the relay has counted",
        "P50, P99               seconds from receipt to settlement",
        "PHI                    the largest suspicion of silence",
        "",
        "Any key goes back.",
    ];

    /// <summary>Draws it.</summary>
    /// <param name="state">What is chosen.</param>
    /// <param name="columns">Of the terminal; at least 1.</param>
    /// <param name="rows">Of the terminal; at least 1.</param>
    /// <returns>Lines; the one that stands out, if any, is told by its place.</returns>
    public static (IReadOnlyList<string> Lines, int? Highlighted) Draw(TopState state, int columns, int rows)
    {
        var lines = new List<string> { Title(state) };
        int? highlighted = null;
        var room = Math.Max(0, rows - 3);
        if (state.IsHelp)
        {
            lines.AddRange(["", .. Help]);
        }
        else if (state.InsideName is not null)
        {
            lines.AddRange(Inside(state, room));
        }
        else
        {
            lines.Add(columns < WideFrom ? Header : Header + WideHeader);
            var shown = state.Shown;
            var first = Math.Max(0, state.Selected - room + 1);
            foreach (var one in shown.Skip(first).Take(room)) lines.Add(Row(one, columns >= WideFrom));
            if (shown.Count > 0) highlighted = 2 + state.Selected - first;
            else lines.Add(state.Filter.Length > 0 ? "Nothing with that in its name." : "Nothing yet.");
        }
        // A terminal of one row still says how to get out of it.
        string[] body = [.. lines.Take(rows - 1), .. Enumerable.Repeat("", Math.Max(0, rows - 1 - lines.Count)), Keys];
        return ([.. body.Select(line => Fit(line, columns))], highlighted < rows - 1 ? highlighted : null);
    }

    private static string Title(TopState state)
    {
        var title = state.InsideName is { } name ? $"relay top: {name}" : "relay top";
        var at = state.Shown.Max(one => one.At)?.ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "--:--:--";
        var order = $"by {state.Column.ToString().ToLowerInvariant()}{(state.IsReversed ? " turned round" : "")}";
        var paused = state.IsPaused ? "  PAUSED" : "";
        var filter = state.Filter.Length > 0 || state.IsTyping ? $"  /{state.Filter}{(state.IsTyping ? "_" : "")}" : "";
        var note = state.Note.Length > 0 ? $"  {state.Note}" : "";
        var trouble = state.Shown.Select(one => one.Trouble).FirstOrDefault(said => said is not null);
        return $"{title}  {at}  {order}{paused}{filter}{(trouble is null ? note : $"  NOT NOW: {trouble}")}";
    }

    private static IEnumerable<string> Inside(TopState state, int room)
    {
        if (state.Inside is not { } inside) return ["The relay lists it no longer."];
        var proof = inside.Proof ?? "by the relay's word: its ledger is not read here";
        var waits = state.IsPaused ? "Space goes on, and reads it." : "Reading.";
        string[] all = inside.Details.Count == 0 ? [waits] : [.. inside.Details.Append("").Concat(inside.Entries).Where(state.Fits)];
        return [$"{inside.Mode ?? "-"}, {proof}", .. all.Skip(Math.Min(state.Scroll, Math.Max(0, all.Length - room))).Take(room)];
    }

    private static string Row(TopNegotiation one, bool isWide)
    {
        var name = $"{Mark(one)} {Cut(one.Name, 15),-15}";
        if (one.Holds is false) return $"{name} {one.Proof}";
        if (one.Flow is not { } flow) return $"{name} {one.Trouble ?? "-"}";
        var row = string.Create(
            CultureInfo.InvariantCulture,
            $"{name} {Cut(one.Mode ?? "-", 9),-9} {flow.In,6} {flow.Out,6} {flow.Held,4} {flow.Refused,4} {TopFlow.Seconds(flow.P50),5} "
                + $"{TopFlow.Seconds(flow.P99),5} {Silence(one),5} {Count(one.Alarms),5} {Age(one),4}");
        return isWide
            ? row + $" {Count(one.Size),8} {Count(one.Unanswered),6} {Count(flow.Delayed),7} {Count(one.Gaps),4}"
            : row;
    }

    // What was verified here holds, does not, or could not be told; or the relay says so.
    private static char Mark(TopNegotiation one) => one switch
    {
        { Holds: false } => '✗',
        { Trouble: not null } => '?',
        { Holds: true } => '✓',
        { Proof: not null } => '?',
        _ => '·',
    };

    private static string Count(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Silence(TopNegotiation one) => one.Silence?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";

    private static string Age(TopNegotiation one)
    {
        if (one is not { Newest: { } then, At: { } now }) return "-";
        var age = now < then ? TimeSpan.Zero : now - then;
        return age.TotalSeconds < 120 ? Text(age.TotalSeconds, "s") : age.TotalMinutes < 120
            ? Text(age.TotalMinutes, "m") : age.TotalHours < 48 ? Text(age.TotalHours, "h") : Text(age.TotalDays, "d");
    }

    private static string Text(double number, string unit) => number.ToString("0", CultureInfo.InvariantCulture) + unit;

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private static string Fit(string line, int columns) => Cut(line, Math.Max(1, columns)).PadRight(columns);
}
