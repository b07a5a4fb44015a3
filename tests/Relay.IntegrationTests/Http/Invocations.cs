using System.Collections.Concurrent;
using System.Diagnostics;

namespace Relay.IntegrationTests.Http;

/// <summary>The host's spans of the functions that one request sets going: each is an invocation.</summary>
internal sealed class Invocations : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<string> _started = new();
    private readonly ConcurrentQueue<(string Function, string Outcome)> _ended = new();

    public Invocations()
    {
        var trace = ActivityTraceId.CreateRandom();
        TraceParent = $"00-{trace}-{ActivitySpanId.CreateRandom()}-01";
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Emulator.FunctionsHost",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == trace || (options.Links?.Any(IsOfTrace) ?? false)
                    ? ActivitySamplingResult.AllData
                    : ActivitySamplingResult.None,
            ActivityStarted = activity =>
            {
                if (Concerns(activity)) _started.Enqueue(activity.OperationName);
            },
            ActivityStopped = activity =>
            {
                if (Concerns(activity)) _ended.Enqueue((activity.OperationName, activity.StatusDescription ?? activity.Status.ToString()));
            },
        };

        // The invocation of a batch is of no envelope's trace, and links those of all.
        bool Concerns(Activity activity) => activity.TraceId == trace || activity.Links.Any(IsOfTrace);
        bool IsOfTrace(ActivityLink link) => link.Context.TraceId == trace;
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>For the request to carry.</summary>
    public string TraceParent { get; }

    public bool Started(string function) => _started.Contains(Span(function));

    /// <summary>How each invocation ended: <c>Unset</c> when well, else why not.</summary>
    public IEnumerable<string> Ended(string function) => _ended.Where(end => end.Function == Span(function)).Select(end => end.Outcome);

    public void Dispose() => _listener.Dispose();

    private static string Span(string function) => $"function {function}";
}
