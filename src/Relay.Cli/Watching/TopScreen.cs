using System.Globalization;

namespace Relay.Cli.Watching;

/// <summary>
/// The screen of <c>relay top</c> as lines, each exactly as wide as the terminal and as many as it has rows: what goes to a terminal is
/// decided here, without one.
/// </summary>
internal static class TopScreen
{
    // Both fit 80 columns.
    private const string Help = "Up/Down  Enter into  Esc back  / filter  s sort  r turn  Space pause  q quit";
    private const string Columns = "  NEGOTIATION     MODE       ENTRIES   SENT   /MIN NO ANS  REF   PHI ALARM   NEW";

    /// <summary>Draws it.</summary>
    /// <param name="state">What is chosen.</param>
    /// <param name="columns">Of the terminal; at least 1.</param>
    /// <param name="rows">Of the terminal; at least 1.</param>
    /// <param name="now">For ages.</param>
    /// <returns>Lines; the one that stands out, if any, is told by its place.</returns>
    public static (IReadOnlyList<string> Lines, int? Highlighted) Draw(TopState state, int columns, int rows, DateTimeOffset now)
    {
        var lines = new List<string>();
        int? highlighted = null;
        var inside = state.Inside;
        var room = Math.Max(0, rows - 3);
        var title = inside is null ? "relay top" : $"relay top: {inside.Name}";
        var paused = state.IsPaused ? "  PAUSED" : "";
        var filter = state.Filter.Length > 0 || state.IsTyping ? $"  /{state.Filter}{(state.IsTyping ? "_" : "")}" : "";
        var order = $"by {state.Column.ToString().ToLowerInvariant()}{(state.IsReversed ? " turned round" : "")}";
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{title}  {now:HH:mm:ss}  {order}{paused}{filter}"));
        if (inside is null)
        {
            lines.Add(Columns);
            var shown = state.Shown;
            var first = Math.Max(0, state.Selected - room + 1);
            foreach (var ledger in shown.Skip(first).Take(room)) lines.Add(Row(ledger, now));
            if (shown.Count > 0) highlighted = 2 + state.Selected - first;
            else lines.Add(state.Filter.Length > 0 ? "Nothing with that in its name." : "Reading.");
        }
        else
        {
            lines.Add($"{inside.Mode}, {inside.Proof}");
            string[] all = [.. inside.Details, "", .. inside.Entries.Where(state.Fits)];
            lines.AddRange(all.Skip(Math.Min(state.Scroll, Math.Max(0, all.Length - room))).Take(room));
        }
        // A terminal of one row still says how to get out of it.
        string[] body = [.. lines.Take(rows - 1), .. Enumerable.Repeat("", Math.Max(0, rows - 1 - lines.Count)), Help];
        return ([.. body.Select(line => Fit(line, columns))], highlighted < rows - 1 ? highlighted : null);
    }

    private static string Row(TopLedger ledger, DateTimeOffset now)
    {
        var name = $"{Mark(ledger)} {Cut(ledger.Name, 15),-15}";
        if (ledger.Holds is not true) return $"{name} {ledger.Proof}";
        var minute = Short(ledger.PerMinute);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} {ledger.Mode,-9} {ledger.Size,8} {ledger.Sent,6} {minute,6} {ledger.Unanswered,6} {ledger.Refused,4} "
                + $"{Silence(ledger),5} {ledger.Alarms,5} {Age(ledger.Newest, now),5}");
    }

    // What was verified here holds, does not, or could not be told.
    private static char Mark(TopLedger ledger) => ledger.Holds switch { true => '✓', false => '✗', null => '?' };

    private static string Short(double number) => number.ToString(number < 1_000 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Silence(TopLedger ledger) => ledger.Silence?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";

    private static string Age(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } then) return "-";
        var age = now < then ? TimeSpan.Zero : now - then;
        return age.TotalSeconds < 120 ? Text(age.TotalSeconds, "s") : age.TotalMinutes < 120
            ? Text(age.TotalMinutes, "m") : age.TotalHours < 48 ? Text(age.TotalHours, "h") : Text(age.TotalDays, "d");
    }

    private static string Text(double number, string unit) => number.ToString("0", CultureInfo.InvariantCulture) + unit;

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private static string Fit(string line, int columns) => Cut(line, Math.Max(1, columns)).PadRight(columns);
}
