namespace Relay.Testing.Telemetry;

/// <summary>A span as it arrived.</summary>
/// <param name="Service">Attribute <c>service.name</c> of its resource; null without one.</param>
/// <param name="Source">Name of the activity source.</param>
/// <param name="Name">Name of the span.</param>
/// <param name="TraceId">32 lower-case hexadecimal digits.</param>
/// <param name="SpanId">16 lower-case hexadecimal digits.</param>
/// <param name="ParentId">The same of the parent; null for a root.</param>
/// <param name="Links">Span ids of what it is linked to.</param>
public sealed record ReceivedSpan(
    string? Service, string Source, string Name, string TraceId, string SpanId, string? ParentId, IReadOnlyList<string> Links);
