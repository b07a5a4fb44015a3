using System.Globalization;
using System.Text.Json;
using Relay.Cli.Printing;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Watching;

/// <summary>
/// All negotiations of a relay, for its operators: <c>GET /api/stats</c>, and the stats of the one that is looked into. An operator reads
/// no ledger, so nothing of it is verified here. Not safe for concurrent use.
/// </summary>
internal sealed class TopOverview(StatsLog stats) : ITopSource
{
    private TopFigures _last = new([]);

    /// <inheritdoc/>
    public async Task<TopFigures> ReadAsync(string? inside, CancellationToken cancellationToken)
    {
        try
        {
            var all = await stats.FindAsync("stats", cancellationToken) ?? throw new KeyNotFoundException("api/stats");
            var at = DateTimeOffset.FromUnixTimeMilliseconds(all.GetProperty("at").GetInt64());
            var rows = all.GetProperty("negotiations").EnumerateArray().Select(row => Row(row, at)).ToList();
            var place = rows.FindIndex(row => row.Name == inside);
            if (place >= 0 && RelayName.IsValid(inside)) rows[place] = await ReadAsync(rows[place], cancellationToken);
            return _last = new TopFigures(rows, Note(all));
        }
        catch (Exception exception) when (TopReader.IsTrouble(exception))
        {
            var trouble = TopReader.Explain(exception);
            return _last.Negotiations.Count == 0
                ? new TopFigures([], $"not now: {trouble}")
                : _last with { Negotiations = [.. _last.Negotiations.Select(row => row with { Trouble = trouble })] };
        }
    }

    private async Task<TopNegotiation> ReadAsync(TopNegotiation row, CancellationToken cancellationToken)
    {
        var counted = await stats.FindAsync($"negotiations/{row.Name}/stats", cancellationToken);
        if (counted is null) return row;
        return StatsLines.Read(row, counted.Value) with { Mode = await TopReader.ReadModeAsync(stats, row.Name, cancellationToken) };
    }

    private static TopNegotiation Row(JsonElement row, DateTimeOffset at) =>
        new(row.Line("negotiation")) { At = at, Flow = TopFlow.OfRow(row) };

    private static string Note(JsonElement all)
    {
        var worker = all.GetProperty("worker");
        var down = worker.GetProperty("down").EnumerateArray().Select(name => ForeignText.Line(name.GetString())).ToList();
        var more = all.Int("more");
        return (down.Count > 0 ? $"DOWN {string.Join(' ', down)}, " : "")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{all.Int("workers")} workers, {worker.Int("underWay")} under way")
            + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $", {more} more") : "")
            + (all.GetProperty("whole").GetBoolean() ? "" : ", in part");
    }
}
