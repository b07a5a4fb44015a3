using System.Collections.Immutable;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Risk.Series;

namespace Relay.Risk.Calculation;

/// <summary>The gaps between a sender's envelopes in the order of the ledger, and what is told from them.</summary>
internal sealed class Pace
{
    private const int MaxSegments = 16;

    // The ledger's clock has milliseconds; two in one, and a clock that went back, are that far apart.
    private const double Least = 0.001;

    private readonly IReadOnlyList<ObservedEnvelope> _envelopes;
    private readonly double[] _gaps;

    public Pace(IReadOnlyList<ObservedEnvelope> envelopes)
    {
        _envelopes = envelopes;
        _gaps = [.. envelopes.Skip(1).Select((next, i) => Math.Max(Least, (next.At - envelopes[i].At).TotalSeconds))];
        foreach (var gap in _gaps) Detector.Add(gap);
    }

    /// <summary>Seconds; gap i is before envelope i + 1.</summary>
    public IReadOnlyList<double> Gaps => _gaps;

    public ChangeDetector Detector { get; } = new();

    /// <summary>Gaps that end after this moment.</summary>
    public double[] GapsSince(DateTimeOffset since) => [.. _gaps.Where((_, i) => _envelopes[i + 1].At > since)];

    public IEnumerable<PaceAlarm> AlarmsSince(DateTimeOffset since) =>
        from alarm in Detector.Alarms
        let raised = _envelopes[alarm.At + 1]
        where raised.At > since
        select new PaceAlarm(
            raised.Sender,
            alarm.Direction switch { ChangeDirection.Up => PaceChange.Slower, ChangeDirection.Down => PaceChange.Faster },
            raised.Index,
            raised.At,
            _envelopes[alarm.Began].At);

    public ImmutableArray<PaceSegment> Segments()
    {
        if (_gaps.Length == 0) return [];
        var logs = Array.ConvertAll(_gaps, gap => Math.Log(gap));
        int[] starts = [0, .. Segmentation.Split(logs), logs.Length];
        var all = starts.Zip(starts.Skip(1)).Select(segment => new PaceSegment(
            _envelopes[segment.First].At,
            segment.Second - segment.First,
            Math.Exp(logs[segment.First..segment.Second].Average())));
        return [.. all.TakeLast(MaxSegments)];
    }
}
