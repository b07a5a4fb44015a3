namespace Relay.Functions.Reading;

/// <summary>Body of a negotiation's stats. Times are milliseconds since 1970, durations seconds.</summary>
/// <param name="Negotiation">Its name.</param>
/// <param name="At">When they were read; at most 1 s ago.</param>
/// <param name="Whole">
/// False where the store could not be read: then what other workers counted is as it was read before, or missing.
/// </param>
/// <param name="LastHour">Sums of the last 60 minutes and what has passed of this one.</param>
/// <param name="LastDay">Sums of the last 24 hours and what has passed of this one.</param>
/// <param name="Minutes">Of the last 60, those in which anything was counted, from the oldest.</param>
/// <param name="Hours">Of the last 168, the same.</param>
/// <param name="Embargoed">What waits for its time, by the minute in which that is, from the next: as counted when it was put back, so that
/// one that came twice counts twice.</param>
/// <param name="Ledger">Where the ledger stands; absent where it cannot be read now.</param>
public sealed record NegotiationStats(
    string Negotiation,
    long At,
    bool Whole,
    FlowStats LastHour,
    FlowStats LastDay,
    IReadOnlyList<FlowPoint> Minutes,
    IReadOnlyList<FlowPoint> Hours,
    IReadOnlyList<EmbargoStats> Embargoed,
    LedgerStats? Ledger);

/// <summary>Envelopes that wait for their time.</summary>
/// <param name="Until">The minute in which it comes, its beginning.</param>
/// <param name="Count">How many.</param>
public sealed record EmbargoStats(long Until, int Count);

/// <summary>What became of envelopes.</summary>
/// <param name="In">Envelopes off the queues that were ruled on for good: out at once, held, pending or refused.</param>
/// <param name="Out">Envelopes forwarded, at once or after they were held.</param>
/// <param name="Held">Those that had to wait for a gap.</param>
/// <param name="Pending">Copies that wait for more signatures.</param>
/// <param name="Duplicates">Those that came again, copies of what was kept meanwhile among them.</param>
/// <param name="Delayed">Times that one was put back on its queue for later, whatever the reason.</param>
/// <param name="Refused">Envelopes refused: dead-lettered off a queue, or turned away over HTTP.</param>
/// <param name="Reasons">Why, of what was refused and delayed, by name.</param>
/// <param name="Latency">Receipt to settlement of what was forwarded, by lane; a lane without any is absent.</param>
/// <param name="Sizes">Of what was forwarded, how large its contents were as sealed: classes that are not empty, from the smallest.</param>
public sealed record FlowStats(
    int In,
    int Out,
    int Held,
    int Pending,
    int Duplicates,
    int Delayed,
    int Refused,
    IReadOnlyList<ReasonStats> Reasons,
    IReadOnlyList<LatencyStats> Latency,
    IReadOnlyList<SizeClass> Sizes);

/// <summary>How often a verdict was the reason.</summary>
/// <param name="Reason">The metric tag <c>relay.verdict</c>.</param>
/// <param name="Queued">Off a queue: dead-lettered, or put back for later.</param>
/// <param name="Submitted">Over HTTP: turned away.</param>
public sealed record ReasonStats(string Reason, int Queued, int Submitted);

/// <summary>A lane's latencies.</summary>
/// <param name="Lane"><c>normal</c> or <c>urgent</c>.</param>
/// <param name="Count">How many.</param>
/// <param name="P50">Half took no longer, in seconds; at most 19 % too high, as the others.</param>
/// <param name="P99">99 of a hundred took no longer.</param>
/// <param name="Buckets">The histogram: buckets that are not empty, from the shortest.</param>
public sealed record LatencyStats(string Lane, int Count, double P50, double P99, IReadOnlyList<LatencyBucket> Buckets);

/// <summary>One bucket of a histogram.</summary>
/// <param name="UpTo">Its end in seconds.</param>
/// <param name="Count">How many are in it.</param>
public sealed record LatencyBucket(double UpTo, int Count);

/// <summary>Contents of one class of sizes: up to a power of two, and beyond the half of it.</summary>
/// <param name="UpTo">Its end in bytes, from 512 to 262,144; absent of what is larger.</param>
/// <param name="Count">How many are in it.</param>
public sealed record SizeClass(int? UpTo, int Count);

/// <summary>A minute or an hour.</summary>
/// <param name="From">When it began.</param>
/// <param name="In">As in <see cref="FlowStats"/>.</param>
/// <param name="Out">As in <see cref="FlowStats"/>.</param>
/// <param name="Delayed">As in <see cref="FlowStats"/>.</param>
/// <param name="Refused">As in <see cref="FlowStats"/>.</param>
/// <param name="P50">Of both lanes, in seconds; absent where nothing was forwarded.</param>
/// <param name="P99">The same.</param>
public sealed record FlowPoint(long From, int In, int Out, int Delayed, int Refused, double? P50, double? P99);

/// <summary>Where a ledger stands, by its newest head.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Commit">Commits so far.</param>
/// <param name="At">When the newest was made.</param>
/// <param name="Held">Envelopes that wait for a gap.</param>
/// <param name="Outstanding">Entries not yet known to be forwarded: the ledger's own backlog.</param>
/// <param name="Streams">Each stream, as they appeared.</param>
public sealed record LedgerStats(long Size, long Commit, long At, int Held, int Outstanding, IReadOnlyList<StreamStats> Streams);

/// <summary>Where a stream stands.</summary>
/// <param name="Sender">Its delegation.</param>
/// <param name="Lane"><c>normal</c> or <c>urgent</c>.</param>
/// <param name="Last">Highest logged sequence.</param>
/// <param name="Held">Envelopes of it that wait for a gap.</param>
/// <param name="Missing">The first sequence that they wait for; absent where none waits.</param>
public sealed record StreamStats(string Sender, string Lane, long Last, int Held, long? Missing);
