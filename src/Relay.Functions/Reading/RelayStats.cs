namespace Relay.Functions.Reading;

/// <summary>Body of the relay's stats, for operators. Times are milliseconds since 1970.</summary>
/// <param name="At">When they were read; at most 1 s ago.</param>
/// <param name="Whole">
/// False where the store could not be read: then what other workers counted is as it was read before, or missing.
/// </param>
/// <param name="Workers">Workers that counted something in this minute or the last, at least the one that answers.</param>
/// <param name="Worker">The one that answers.</param>
/// <param name="LastHour">Sums over all negotiations of the last 60 minutes and what has passed of this one.</param>
/// <param name="Minutes">Of those, the minutes in which anything was counted, from the oldest.</param>
/// <param name="Negotiations">Those that had envelopes in that hour, the most first: at most 500.</param>
/// <param name="More">How many had besides.</param>
public sealed record RelayStats(
    long At,
    bool Whole,
    int Workers,
    WorkerStats Worker,
    FlowStats LastHour,
    IReadOnlyList<FlowPoint> Minutes,
    IReadOnlyList<NegotiationFlow> Negotiations,
    int More);

/// <summary>The worker that answers.</summary>
/// <param name="UnderWay">Messages that it has received and not settled yet.</param>
/// <param name="Stalled">Seconds for which messages have waited and none has got on; 0 where they get on.</param>
/// <param name="Down">Dependencies that are down: <c>bus</c>, <c>ledger</c>, <c>vault</c>.</param>
public sealed record WorkerStats(int UnderWay, double Stalled, IReadOnlyList<string> Down);

/// <summary>A negotiation in the list of all: sums of the hour.</summary>
/// <param name="Negotiation">Its name; <c>-</c> for envelopes of none that is known.</param>
/// <param name="In">As in <see cref="FlowStats"/>.</param>
/// <param name="Out">As in <see cref="FlowStats"/>.</param>
/// <param name="Held">As in <see cref="FlowStats"/>.</param>
/// <param name="Delayed">As in <see cref="FlowStats"/>.</param>
/// <param name="Refused">As in <see cref="FlowStats"/>.</param>
/// <param name="P50">Of both lanes, in seconds; absent where nothing was forwarded.</param>
/// <param name="P99">The same.</param>
public sealed record NegotiationFlow(
    string Negotiation, int In, int Out, int Held, int Delayed, int Refused, double? P50, double? P99);
