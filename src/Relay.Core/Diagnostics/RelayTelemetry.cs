using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Relay.Core.Caching;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Diagnostics;

/// <summary>The one meter and the one activity source, both named <c>Relay</c>, and the one log line of a verdict.</summary>
/// <remarks>Instruments: <c>relay.envelope.duration</c> (s) from receipt to
/// settlement; <c>relay.envelope.copies</c> ({envelope}) copies scheduled;
/// <c>relay.envelope.attempts</c> ({attempt}) those behind an envelope that failed and comes again;
/// <c>relay.submission.refusals</c> ({envelope}) submissions over HTTP refused; <c>relay.acknowledgements</c> ({acknowledgement})
/// answered; <c>relay.prekeys</c> ({call}) bundles and claims answered; <c>relay.store.operations</c> ({operation}) calls at the ledger
/// store, which are what it costs.
/// Tags come from enums only.</remarks>
public sealed class RelayTelemetry
{
    public const string Name = "Relay";

    // Refused submissions that are shown each second.
    private const int ShownPerSecond = 5;

    private static readonly ActivitySource Source = new(Name);

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _copies;
    private readonly Histogram<int> _attempts;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _acknowledgements;
    private readonly Counter<long> _prekeys;
    private readonly Counter<long> _storeOperations;
    private readonly TimeProvider _time;
    private readonly ILogger<RelayTelemetry> _logger;
    private readonly IRulingTally? _tally;
    private readonly SecondBudget _shown;

    /// <param name="meters">Where the meter is made.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Gets the line of each verdict.</param>
    /// <param name="tally">Is told of what is ruled; null for nobody.</param>
    public RelayTelemetry(IMeterFactory meters, TimeProvider time, ILogger<RelayTelemetry> logger, IRulingTally? tally = null)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(Name);
        _duration = meter.CreateHistogram<double>(
            "relay.envelope.duration",
            unit: "s",
            description: "Receipt of an envelope to its settlement.",
            advice: new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _copies = meter.CreateCounter<long>(
            "relay.envelope.copies", unit: "{envelope}", description: "Copies scheduled for a later attempt.");
        _attempts = meter.CreateHistogram<int>(
            "relay.envelope.attempts",
            unit: "{attempt}",
            description: "Attempts behind an envelope that failed and comes again.",
            advice: new() { HistogramBucketBoundaries = [1, 2, 3, 5, 8, 13, 21] });
        _refusals = meter.CreateCounter<long>(
            "relay.submission.refusals", unit: "{envelope}", description: "Submissions over HTTP that were refused.");
        _acknowledgements = meter.CreateCounter<long>(
            "relay.acknowledgements", unit: "{acknowledgement}", description: "Acknowledgements over HTTP that were answered.");
        _prekeys = meter.CreateCounter<long>(
            "relay.prekeys", unit: "{call}", description: "Bundles and claims of prekeys over HTTP that were answered.");
        _storeOperations = meter.CreateCounter<long>(
            "relay.store.operations", unit: "{operation}", description: "Calls at the ledger store, whatever came of them.");
        _time = time;
        _logger = logger;
        _tally = tally;
        _shown = new SecondBudget(ShownPerSecond, time);
    }

    /// <summary>Starts the span of one envelope; the caller disposes it after settlement. Null when nobody listens.</summary>
    /// <param name="name">Low-cardinality name, for instance of the function.</param>
    /// <param name="kind">Consumer for queues, server for HTTP.</param>
    /// <param name="traceParent">From <see cref="TraceParent.Read"/>.</param>
    /// <remarks>
    /// The envelope's own trace goes first, because it is the one that the recipient
    /// sees. The host's span of the invocation stands between where it is
    /// of that trace, and is linked where it is of another. An envelope off a queue that names no trace begins one of its own, since the
    /// invocation is that of its whole batch; the caller is an async method, which gives its own caller the invocation's span back.
    /// </remarks>
    public static Activity? Start(string name, ActivityKind kind, string? traceParent)
    {
        var invocation = Activity.Current;
        var isTraced = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        if (isTraced ? parent.TraceId == invocation?.TraceId : kind != ActivityKind.Consumer) return Source.StartActivity(name, kind);

        // Without a parent of its own the span would otherwise take the current one.
        if (!isTraced) Activity.Current = null;
        var activity = Source.StartActivity(name, kind, parent, links: invocation is null ? null : [new ActivityLink(invocation.Context)]);
        if (activity is null) Activity.Current = invocation;
        return activity;
    }

    /// <summary>
    /// Starts the span of one step, inside the envelope's; the caller disposes it after the step. Null when nobody listens.
    /// </summary>
    /// <param name="name">Of the step, never of what goes through it.</param>
    /// <param name="kind">Producer for what sends to topics.</param>
    internal static Activity? StartStep(string name, ActivityKind kind) => Source.StartActivity(name, kind);

    /// <summary>Notes what became of an envelope: one log line, one measurement, the span's status.</summary>
    /// <param name="ruling">The ruling.</param>
    /// <param name="queue">Queue or lane it came by.</param>
    /// <param name="startedAt">Timestamp of its receipt.</param>
    public void Ruled(Ruling ruling, Lane queue, long startedAt)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        var row = VerdictTable.For(ruling.Verdict);
        var took = _time.GetElapsedTime(startedAt);
        _tally?.Ruled(ruling, queue, took);
        _duration.Record(
            took.TotalSeconds,
            new KeyValuePair<string, object?>("relay.verdict", row.Tag),
            new KeyValuePair<string, object?>("relay.lane", queue.ToText()));
        Note(ruling, row, row.Level);
    }

    /// <summary>
    /// Notes a submission over HTTP that was refused; one that was taken is noted when its queue's function has settled it. The reason of
    /// some each second is at Information: an operator sees what whoever submits is not told.
    /// </summary>
    public void Refused(Ruling ruling)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        var row = VerdictTable.For(ruling.Verdict);
        _tally?.Refused(ruling);
        _refusals.Add(1, new KeyValuePair<string, object?>("relay.verdict", row.Tag));
        // An anonymous caller can make any number of these: no line of theirs is worth a warning, and few are worth being seen.
        var level = _shown.TryTake() ? LogLevel.Information : LogLevel.Debug;
        Note(ruling, row, row.Level >= LogLevel.Error ? row.Level : level);
    }

    /// <summary>Counts an acknowledgement that was answered.</summary>
    public void Acknowledged(AcknowledgementVerdict verdict) => _acknowledgements.Add(
        1, new KeyValuePair<string, object?>("relay.verdict", AcknowledgementTable.For(verdict).Tag));

    /// <summary>Counts a bundle or a claim of prekeys that was answered.</summary>
    public void TookPrekeys(PrekeyVerdict verdict) => _prekeys.Add(
        1, new KeyValuePair<string, object?>("relay.verdict", PrekeyTable.For(verdict).Tag));

    /// <summary>Counts a scheduled copy.</summary>
    /// <param name="verdict">Why.</param>
    /// <param name="attempt">Which attempt it will be; 0 for what has not failed.</param>
    public void CopyScheduled(Verdict verdict, int attempt)
    {
        var tag = new KeyValuePair<string, object?>("relay.verdict", VerdictTable.For(verdict).Tag);
        _copies.Add(1, tag);
        if (attempt > 0) _attempts.Record(attempt, tag);
    }

    /// <summary>Counts a call at the ledger store.</summary>
    public void Stored(StoreOperation operation) => _storeOperations.Add(
        1,
        new KeyValuePair<string, object?>(
            "relay.store.operation",
            operation switch
            {
                StoreOperation.Write => "write",
                StoreOperation.Read => "read",
                StoreOperation.Delete => "delete",
                StoreOperation.List => "list",
            }));

    private void Note(Ruling ruling, VerdictRow row, LogLevel level)
    {
        if (_logger.IsEnabled(level))
        {
            RelayLog.Ruled(_logger, level, ruling.Id?.ToString() ?? "(unread)", ruling.Verdict, ruling.Reason, ruling.Description);
        }

        if (Activity.Current is { } activity && activity.Source == Source)
        {
            activity.SetTag("relay.verdict", row.Tag);
            if (row.Level >= LogLevel.Warning) activity.SetStatus(ActivityStatusCode.Error, ruling.Reason);
        }
    }
}
