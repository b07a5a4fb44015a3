using System.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Google.Protobuf.Collections;

namespace Emulator.FunctionsHost.Invocation;

/// <summary>What a trigger brings to one invocation.</summary>
/// <param name="Data">The trigger parameter's value.</param>
/// <param name="TraceParent">W3C traceparent of whoever caused the invocation; null when unknown. Not yet checked.</param>
internal sealed record TriggerInput(TypedData Data, string? TraceParent = null, string? TraceState = null)
{
    /// <summary>Further values that the function may bind by name.</summary>
    public MapField<string, TypedData> Metadata { get; } = [];

    /// <summary>Of a batch: what caused each of its messages. It has no parent, because it would have many.</summary>
    public IReadOnlyList<ActivityLink> Links { get; init; } = [];

    /// <summary>Set on a retry: the worker shows it to the function.</summary>
    public RetryContext? Retry { get; init; }

    /// <summary>The trace the invocation belongs to. Never null: the worker fails on an invocation without one.</summary>
    public RpcTraceContext TraceContext(Activity? activity)
    {
        if (activity is not null)
        {
            return new RpcTraceContext { TraceParent = activity.Id ?? "", TraceState = activity.TraceStateString ?? "" };
        }

        // As in the cloud, where the host traces every invocation: a valid one, whatever came.
        ActivityContext.TryParse(TraceParent, TraceState, isRemote: true, out var parent);
        var trace = parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId;
        var span = parent.SpanId == default ? ActivitySpanId.CreateRandom() : parent.SpanId;
        var flags = parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00";
        return new RpcTraceContext { TraceParent = $"00-{trace}-{span}-{flags}", TraceState = parent.TraceState ?? "" };
    }
}
