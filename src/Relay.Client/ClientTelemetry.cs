using System.Diagnostics;
using Relay.Protocol.Envelopes;

namespace Relay.Client;

/// <summary>
/// Spans of the client, by an activity source of the relay's name: an envelope's
/// submission, its way through the relay and its arrival are one trace.
/// </summary>
/// <remarks>Nobody listening costs nothing. To see them with OpenTelemetry: <c>AddSource(ClientTelemetry.SourceName)</c>.</remarks>
public static class ClientTelemetry
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "Relay";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A span of a submission under the caller's, to be disposed after it; null when nobody listens.</summary>
    internal static Activity? StartSubmission() => Source.StartActivity("submit envelope", ActivityKind.Producer);

    /// <summary>A span of an arrival, to be disposed once it is inspected; null when nobody listens.</summary>
    /// <param name="traceParent">What the relay handed on, from <see cref="TraceParent.Read"/>.</param>
    internal static Activity? StartArrival(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
        ? Source.StartActivity("receive envelope", ActivityKind.Consumer, parent)
        : Source.StartActivity("receive envelope", ActivityKind.Consumer);
}
