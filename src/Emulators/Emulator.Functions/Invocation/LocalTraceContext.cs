using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace Emulator.Functions.Invocation;

/// <summary>The trace context an invocation reports; always a valid one, as in the cloud, where the host traces every invocation.</summary>
internal sealed class LocalTraceContext(string traceParent, string traceState) : TraceContext
{
    public override string TraceParent { get; } = traceParent;

    public override string TraceState { get; } = traceState;

    /// <param name="activity">The invocation's own, when somebody listens.</param>
    /// <param name="parent">The cause's, when it named one.</param>
    public static LocalTraceContext Of(Activity? activity, ActivityContext parent)
    {
        if (activity is not null)
        {
            return new LocalTraceContext(activity.Id!, activity.TraceStateString ?? "");
        }

        var traceId = parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId;
        var spanId = parent.SpanId == default ? ActivitySpanId.CreateRandom() : parent.SpanId;
        var flags = parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00";
        return new LocalTraceContext($"00-{traceId}-{spanId}-{flags}", parent.TraceState ?? "");
    }
}
