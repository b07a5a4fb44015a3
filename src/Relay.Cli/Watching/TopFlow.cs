using System.Globalization;
using System.Text.Json;

namespace Relay.Cli.Watching;

/// <summary>What became of a negotiation's envelopes in the last hour, as the relay has counted it.</summary>
/// <param name="In">Off the queues and ruled on for good.</param>
/// <param name="Out">Forwarded.</param>
/// <param name="Held">Those that had to wait for a gap.</param>
/// <param name="Delayed">Times that one was put back on its queue.</param>
/// <param name="Refused">Dead-lettered, or turned away over HTTP.</param>
/// <param name="P50">Seconds from receipt to settlement, of both lanes; null where nothing was forwarded.</param>
/// <param name="P99">The same.</param>
internal sealed record TopFlow(int In, int Out, int Held, int Delayed, int Refused, double? P50, double? P99)
{
    /// <summary>Reads a negotiation's row in the stats of all.</summary>
    /// <exception cref="KeyNotFoundException">What came is no such row.</exception>
    /// <exception cref="InvalidOperationException">The same.</exception>
    /// <exception cref="FormatException">The same.</exception>
    public static TopFlow OfRow(JsonElement row) =>
        new(
            row.Int("in"), row.Int("out"), row.Int("held"), row.Int("delayed"), row.Int("refused"),
            Number(row, "p50"), Number(row, "p99"));

    /// <summary>Reads the sums of an hour or a day, their lanes' latencies taken together.</summary>
    /// <inheritdoc cref="OfRow"/>
    public static TopFlow OfSums(JsonElement sums)
    {
        var buckets = new SortedDictionary<double, int>();
        var lanes = sums.GetProperty("latency").EnumerateArray();
        foreach (var bucket in lanes.SelectMany(lane => lane.GetProperty("buckets").EnumerateArray()))
        {
            var end = bucket.GetProperty("upTo").GetDouble();
            buckets[end] = buckets.GetValueOrDefault(end) + bucket.Int("count");
        }

        return new TopFlow(
            sums.Int("in"), sums.Int("out"), sums.Int("held"), sums.Int("delayed"), sums.Int("refused"),
            Quantile(buckets, 0.5), Quantile(buckets, 0.99));
    }

    /// <summary>One line of it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"in {In}, out {Out}, held {Held}, delayed {Delayed}, refused {Refused}, p50 {Seconds(P50)}, p99 {Seconds(P99)}");

    /// <summary>Seconds as they stand in six columns.</summary>
    public static string Seconds(double? seconds) => seconds is not { } known
        ? "-"
        : known.ToString(known < 10 ? "0.000" : known < 1_000 ? "0.0" : "0", CultureInfo.InvariantCulture);

    // As the relay does over both lanes: the end of the bucket that it falls into, so it is never too low.
    private static double? Quantile(SortedDictionary<double, int> buckets, double share)
    {
        var rank = Math.Ceiling(buckets.Values.Sum(static count => (long)count) * share);
        foreach (var (end, count) in buckets)
        {
            rank -= count;
            if (rank <= 0) return end;
        }

        return null;
    }

    private static double? Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : null;
}
