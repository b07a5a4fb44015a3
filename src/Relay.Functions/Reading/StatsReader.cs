using Relay.Core.Health;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Reading;

/// <summary>Makes stats of what workers have counted and of ledgers' heads. Safe for concurrent use.</summary>
public sealed class StatsReader(
    TallyStore tallies, RecentHeads heads, WorkProgress progress, DependencyCircuit circuit)
{
    private const int MostNegotiations = 500;
    private const int MinutesTold = 60;
    private const int HoursTold = 168;

    /// <summary>A negotiation's.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<NegotiationStats> ReadAsync(string negotiation, CancellationToken cancellationToken)
    {
        var look = await tallies.LookAsync(cancellationToken);
        var head = await heads.FindAsync(negotiation, cancellationToken);
        var minutes = look.Minutes(negotiation, FirstMinute(look.At));
        var hour = TallyLook.HourOf(look.At);
        var hours = look.Hours(negotiation, hour.AddHours(-HoursTold));
        var week = Sum(hours, negotiation);
        var now = WorkerTallies.MinuteOf(look.At);
        return new NegotiationStats(
            negotiation,
            look.At.ToUnixTimeMilliseconds(),
            look.IsWhole,
            Flow(Sum(minutes, negotiation)),
            Flow(Sum(hours.Where(point => point.From >= hour.AddHours(-24)), negotiation)),
            [.. minutes.Select(point => Point(point.From, Sum([point], negotiation)))],
            [.. hours.Select(point => Point(point.From, Sum([point], negotiation)))],
            [.. week.Embargoes.Where(one => one.Key >= now).Select(one => new EmbargoStats(one.Key * 60_000, one.Value))],
            head is null ? null : Ledger(head.State));
    }

    /// <summary>The relay's.</summary>
    public async ValueTask<RelayStats> ReadAsync(CancellationToken cancellationToken)
    {
        var look = await tallies.LookAsync(cancellationToken);
        var minutes = look.Minutes(null, FirstMinute(look.At));
        var all = new TallyWindow();
        foreach (var (_, window) in minutes) all.Add(window);
        var flows = all.Negotiations
            .Select(pair => FlowOf(pair.Key, pair.Value))
            .OrderByDescending(flow => flow.In + flow.Refused)
            .ThenBy(flow => flow.Negotiation, StringComparer.Ordinal)
            .ToList();
        return new RelayStats(
            look.At.ToUnixTimeMilliseconds(),
            look.IsWhole,
            look.Workers,
            new WorkerStats(
                progress.UnderWay,
                Math.Round(progress.Stalled.TotalSeconds, 1),
                [.. circuit.Down.Select(down => down.Dependency.ToText())]),
            Flow(Sum(minutes, null)),
            [.. minutes.Select(point => Point(point.From, Sum([point], null)))],
            [.. flows.Take(MostNegotiations)],
            Math.Max(0, flows.Count - MostNegotiations));
    }

    private static DateTimeOffset FirstMinute(DateTimeOffset at) =>
        DateTimeOffset.FromUnixTimeSeconds((WorkerTallies.MinuteOf(at) - MinutesTold) * 60);

    private static EnvelopeTally Sum(IEnumerable<(DateTimeOffset From, TallyWindow Window)> points, string? negotiation)
    {
        var sum = new EnvelopeTally();
        foreach (var (_, window) in points)
        {
            foreach (var (name, tally) in window.Negotiations)
            {
                if (negotiation is null || name == negotiation) sum.Add(tally);
            }
        }

        return sum;
    }

    private static FlowStats Flow(EnvelopeTally tally)
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
            [.. Latencies(tally)]);
    }

    private static NegotiationFlow FlowOf(string negotiation, EnvelopeTally tally)
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

    private static FlowPoint Point(DateTimeOffset from, EnvelopeTally tally)
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

    private static LedgerStats Ledger(LedgerState state) => new(
        state.Size,
        state.Commit,
        state.At.ToUnixTimeMilliseconds(),
        state.Streams.Sum(static stream => stream.Held.Length),
        state.Outstanding.Sum(static entry => entry.Count),
        [
            .. state.Streams.Select(static stream => new StreamStats(
                stream.Sender,
                stream.Lane.ToText(),
                stream.Last,
                stream.Held.Length,
                stream.Held.IsEmpty ? null : stream.Last + 1)),
        ]);

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
