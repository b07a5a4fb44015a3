using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Reading;

/// <summary>What became of envelopes, as stats say it, of what was counted.</summary>
internal static class StatsOfFlow
{
    /// <summary>All of it.</summary>
    public static FlowStats Of(EnvelopeTally tally)
    {
        var counts = FlowCounts.Of(tally);
        return new FlowStats(
            counts.In,
            counts.Out,
            tally.Ruled(Verdict.Held),
            tally.Ruled(Verdict.Pending),
            tally.Ruled(Verdict.Duplicate),
            counts.Delayed,
            counts.Refused,
            [.. Reasons(tally)],
            [.. Latencies(tally)],
            [.. Sizes(tally)]);
    }

    /// <summary>A line of the list of all negotiations.</summary>
    public static NegotiationFlow OfNegotiation(string negotiation, EnvelopeTally tally)
    {
        var counts = FlowCounts.Of(tally);
        var latency = Latency(tally);
        return new NegotiationFlow(
            negotiation,
            counts.In,
            counts.Out,
            tally.Ruled(Verdict.Held),
            counts.Delayed,
            counts.Refused,
            latency.Quantile(0.5),
            latency.Quantile(0.99));
    }

    // Of both lanes.
    private static LatencyTally Latency(EnvelopeTally tally)
    {
        var latency = new LatencyTally();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            if (tally.Latency(lane) is { } one) latency.Add(one);
        }

        return latency;
    }

    /// <summary>A minute or an hour.</summary>
    public static FlowPoint PointOf(DateTimeOffset from, EnvelopeTally tally)
    {
        var counts = FlowCounts.Of(tally);
        var latency = Latency(tally);
        return new FlowPoint(
            from.ToUnixTimeMilliseconds(),
            counts.In,
            counts.Out,
            counts.Delayed,
            counts.Refused,
            latency.Quantile(0.5),
            latency.Quantile(0.99));
    }

    private static IEnumerable<ReasonStats> Reasons(EnvelopeTally tally) =>
        from verdict in Enum.GetValues<Verdict>()
        let row = VerdictTable.For(verdict)
        let queued = row.Settlement == SettlementAction.Complete ? 0 : tally.Ruled(verdict)
        let submitted = tally.Refused(verdict)
        where queued + submitted > 0
        orderby row.Tag
        select new ReasonStats(row.Tag, queued, submitted);

    private static IEnumerable<SizeClass> Sizes(EnvelopeTally tally) =>
        from size in Enumerable.Range(0, SizeTally.Classes)
        let count = tally.Sizes?[size] ?? 0
        where count > 0
        select new SizeClass(SizeTally.UpTo(size), count);

    private static IEnumerable<LatencyStats> Latencies(EnvelopeTally tally)
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            if (tally.Latency(lane) is not { Count: > 0 } latency) continue;
            var buckets = Enumerable.Range(0, LatencyTally.Buckets)
                .Where(bucket => latency[bucket] > 0)
                .Select(bucket => new LatencyBucket(LatencyTally.UpTo(bucket), latency[bucket]));
            yield return new LatencyStats(
                lane.ToText(), latency.Count, latency.Quantile(0.5)!.Value, latency.Quantile(0.99)!.Value, [.. buckets]);
        }
    }

    private readonly record struct FlowCounts(int In, int Out, int Delayed, int Refused)
    {
        public static FlowCounts Of(EnvelopeTally tally)
        {
            var (deadLettered, delayed, submitted) = (0, 0, 0);
            foreach (var verdict in Enum.GetValues<Verdict>())
            {
                submitted += tally.Refused(verdict);
                var ruled = tally.Ruled(verdict);
                switch (VerdictTable.For(verdict).Settlement)
                {
                    case SettlementAction.DeadLetter:
                        deadLettered += ruled;
                        break;
                    case SettlementAction.Retry or SettlementAction.Postpone or SettlementAction.Abandon:
                        delayed += ruled;
                        break;
                    case SettlementAction.Complete:
                        break;
                }
            }

            var forwarded = tally.Ruled(Verdict.Forwarded);
            return new FlowCounts(
                forwarded + tally.Ruled(Verdict.Held) + tally.Ruled(Verdict.Pending) + deadLettered,
                forwarded + tally.Released,
                delayed,
                deadLettered + submitted);
        }
    }
}
