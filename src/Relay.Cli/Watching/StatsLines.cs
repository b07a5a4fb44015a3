using System.Globalization;
using System.Text.Json;

namespace Relay.Cli.Watching;

/// <summary>A negotiation's stats, as <c>GET /api/negotiations/{n}/stats</c> answers them, in what <c>relay top</c> shows.</summary>
internal static class StatsLines
{
    private const int Minutes = 60;
    private const string Heights = "▁▂▃▄▅▆▇█";

    /// <summary>Puts them beside what is known already.</summary>
    /// <exception cref="KeyNotFoundException">What came are no stats.</exception>
    /// <exception cref="InvalidOperationException">The same.</exception>
    /// <exception cref="FormatException">The same.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time is none.</exception>
    public static TopNegotiation Read(TopNegotiation known, JsonElement stats)
    {
        var ledger = Find(stats, "ledger");
        var flow = TopFlow.OfSums(stats.GetProperty("lastHour"));
        return known with
        {
            At = Time(stats, "at"),
            Flow = flow,
            Size = ledger?.GetProperty("size").GetInt64() ?? 0,
            Newest = ledger is { } head ? Time(head, "at") : null,
            Gaps = ledger?.GetProperty("streams").EnumerateArray().Count(stream => Find(stream, "missing") is not null) ?? 0,
            Trouble = null,
            Details = [.. Lines(stats, flow, ledger)],
        };
    }

    private static IEnumerable<string> Lines(JsonElement stats, TopFlow flow, JsonElement? ledger)
    {
        if (!stats.GetProperty("whole").GetBoolean()) yield return "PART     of the figures: the relay cannot read its store now";
        var hour = stats.GetProperty("lastHour");
        yield return $"hour     {flow}";
        yield return $"day      {TopFlow.OfSums(stats.GetProperty("lastDay"))}";
        yield return $"minutes  {Chart(stats, out var most)} most {most.ToString(CultureInfo.InvariantCulture)}";
        foreach (var lane in hour.GetProperty("latency").EnumerateArray())
        {
            yield return $"latency  {lane.Line("lane"),-12} p50 {TopFlow.Seconds(lane.GetProperty("p50").GetDouble())} s, "
                + $"p99 {TopFlow.Seconds(lane.GetProperty("p99").GetDouble())} s of {lane.Int("count")}";
        }
        if (Sizes(hour) is { Length: > 0 } sizes) yield return $"bytes    {sizes}";
        foreach (var reason in hour.GetProperty("reasons").EnumerateArray())
        {
            yield return $"reason   {reason.Line("reason")}: {reason.Int("queued")} off a queue, {reason.Int("submitted")} over HTTP";
        }
        foreach (var embargo in stats.GetProperty("embargoed").EnumerateArray())
        {
            yield return $"embargo  {embargo.Int("count")} until {Time(embargo, "until").ToString("u", CultureInfo.InvariantCulture)}";
        }
        if (ledger is not { } head) yield break;
        yield return $"ledger   {Long(head, "size")} entries in {Long(head, "commit")} commits, {head.Int("held")} wait for a gap, "
            + $"{head.Int("outstanding")} not yet forwarded";
        foreach (var stream in head.GetProperty("streams").EnumerateArray())
        {
            var missing = Find(stream, "missing") is not null ? $", {stream.Int("held")} wait for {Long(stream, "missing")}" : "";
            yield return $"stream   {stream.Line("sender")}/{stream.Line("lane")} up to {Long(stream, "last")}{missing}";
        }
    }

    // A relay of before says none.
    private static string Sizes(JsonElement hour) => Find(hour, "sizes") is not { } sizes
        ? ""
        : string.Join(", ", sizes.EnumerateArray().Select(static size =>
            $"{(Find(size, "upTo") is { } upTo ? $"up to {upTo.GetInt32().ToString("N0", CultureInfo.InvariantCulture)}" : "more")} "
                + size.Int("count").ToString(CultureInfo.InvariantCulture)));

    // Of what came in, a column a minute, the newest on the right.
    private static string Chart(JsonElement stats, out int most)
    {
        var now = stats.GetProperty("at").GetInt64() / 60_000;
        var counts = new int[Minutes];
        foreach (var minute in stats.GetProperty("minutes").EnumerateArray())
        {
            var place = Minutes - 1 - (now - (minute.GetProperty("from").GetInt64() / 60_000));
            if (place is >= 0 and < Minutes) counts[place] = Math.Max(0, minute.Int("in"));
        }

        var highest = most = counts.Max();
        return string.Concat(counts.Select(count => count == 0 ? ' ' : Heights[(int)((count - 1L) * Heights.Length / highest)]));
    }

    private static JsonElement? Find(JsonElement of, string name) =>
        of.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;

    private static DateTimeOffset Time(JsonElement of, string name) =>
        DateTimeOffset.FromUnixTimeMilliseconds(of.GetProperty(name).GetInt64());

    private static long Long(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
