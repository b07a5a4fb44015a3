using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.State;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Reading;

/// <summary>
/// A negotiation's stats for whoever looks at them again and again: made only when they may be other. Not safe for concurrent use.
/// </summary>
internal sealed class NegotiationWatch(string negotiation, NegotiationTallies tallies, RecentHeads heads)
{
    private const int MinutesTold = 60;
    private const int HoursTold = 168;
    private const int HoursOfDay = 24;

    private LedgerState? _state;
    private bool _isMade;

    /// <summary>Reads what has changed.</summary>
    /// <returns>Null where they are as they were made the last time.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<NegotiationStats?> ReadAsync(CancellationToken cancellationToken)
    {
        _isMade &= !await tallies.ReadAsync(cancellationToken);
        var state = (await heads.FindAsync(negotiation, cancellationToken))?.State;
        if (_isMade && ReferenceEquals(state, _state)) return null;
        _state = state;
        var stats = Make(state);
        _isMade = true;
        return stats;
    }

    private NegotiationStats Make(LedgerState? state)
    {
        var now = WorkerTallies.MinuteOf(tallies.At);
        var minutes = tallies.Minutes(WorkerTallies.StartOf(now - MinutesTold));
        var hour = NegotiationTallies.HourOf(tallies.At);
        var hours = tallies.Hours(hour.AddHours(-HoursTold));
        return new NegotiationStats(
            negotiation,
            tallies.At.ToUnixTimeMilliseconds(),
            tallies.IsWhole,
            StatsOfFlow.Of(Sum(minutes)),
            StatsOfFlow.Of(Sum(hours.Where(point => point.From >= hour.AddHours(-HoursOfDay)))),
            [.. minutes.Select(static point => StatsOfFlow.PointOf(point.From, point.Tally))],
            [.. hours.Select(static point => StatsOfFlow.PointOf(point.From, point.Tally))],
            [.. Sum(hours).Embargoes.Where(one => one.Key >= now).Select(static one => new EmbargoStats(one.Key * 60_000, one.Value))],
            state is null ? null : Ledger(state));
    }

    private static EnvelopeTally Sum(IEnumerable<(DateTimeOffset From, EnvelopeTally Tally)> points)
    {
        var sum = new EnvelopeTally();
        foreach (var (_, tally) in points) sum.Add(tally);
        return sum;
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
}
