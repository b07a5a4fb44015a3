using System.Diagnostics;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// The trace parent (W3C Trace Context, section 3.2) as it goes from producer to relay to recipient in application properties.
/// </summary>
/// <remarks>
/// Only the parent is carried, in its one canonical form: 55 characters of
/// version, trace id, span id and flags. <c>tracestate</c> is free text of
/// up to 512 characters, and whoever could write it inbound could speak past the encryption to whoever reads the topic.
/// </remarks>
public static class TraceParent
{
    /// <summary>
    /// Property names, W3C's and the one Azure clients have written since before it; both are written, the first found is read.
    /// </summary>
    public static IReadOnlyList<string> Properties { get; } = ["traceparent", "Diagnostic-Id"];

    /// <summary>The trace parent among a message's application properties; null when there is none or it is not well formed.</summary>
    public static string? Read(IReadOnlyDictionary<string, object> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        foreach (var name in Properties)
        {
            if (properties.TryGetValue(name, out var value) && value is string text && Canonical(text) is { } parent) return parent;
        }

        return null;
    }

    /// <summary>Writes it among a message's application properties, under every name; null writes none.</summary>
    public static void Write(IDictionary<string, object> properties, string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(properties);
        if (traceParent is null) return;
        foreach (var name in Properties)
        {
            properties[name] = traceParent;
        }
    }

    /// <summary>What to hand on: the current span if one is recorded, else what came in.</summary>
    public static string? Current(string? inbound) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : inbound;

    /// <summary>The one form of a version 00 trace parent; null when <paramref name="text"/> is not one.</summary>
    public static string? Canonical(string? text) =>
        text is { Length: 55 } && ActivityContext.TryParse(text, null, out var context)
            ? $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}"
            : null;
}
