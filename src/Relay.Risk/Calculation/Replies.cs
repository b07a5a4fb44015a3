using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Risk.Series;

namespace Relay.Risk.Calculation;

/// <summary>Who says how much to whom, and how soon it is replied to.</summary>
internal static class Replies
{
    public static IEnumerable<DirectionSignals> Of(IReadOnlyList<ObservedEnvelope> envelopes, DateTimeOffset since, double seconds)
    {
        var ways = new SortedDictionary<(string From, string To), Way>();
        foreach (var envelope in envelopes)
        {
            foreach (var addressee in envelope.Audience)
            {
                // An envelope goes its own way and ends the wait of the other.
                if (ways.TryGetValue((addressee, envelope.Sender), out var back)) back.Reply(envelope.At, since);
                if (!ways.TryGetValue((envelope.Sender, addressee), out var way)) ways.Add((envelope.Sender, addressee), way = new Way());
                way.Go(envelope.At, since);
            }
        }
        return ways.Select(way => Signals(way.Key, way.Value, ways.GetValueOrDefault((way.Key.To, way.Key.From))?.Count ?? 0, seconds));
    }

    private static DirectionSignals Signals((string From, string To) names, Way way, int back, double seconds) => new()
    {
        From = names.From,
        To = names.To,
        Envelopes = way.Count,
        Rate = way.Count / seconds,
        Balance = way.Count + back == 0 ? null : (double)(way.Count - back) / (way.Count + back),
        ReplyLatency = Spread.Of(way.Latencies),
        WaitingSince = way.WaitingSince,
    };

    private sealed class Way
    {
        public int Count { get; private set; }

        public DateTimeOffset? WaitingSince { get; private set; }

        public List<double> Latencies { get; } = [];

        public void Go(DateTimeOffset at, DateTimeOffset since)
        {
            WaitingSince ??= at;
            if (at > since) Count++;
        }

        public void Reply(DateTimeOffset at, DateTimeOffset since)
        {
            if (WaitingSince is not { } asked) return;
            if (at > since) Latencies.Add(Math.Max(0, (at - asked).TotalSeconds));
            WaitingSince = null;
        }
    }
}
