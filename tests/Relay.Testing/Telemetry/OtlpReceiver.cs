using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Testing.Telemetry.Wire;

namespace Relay.Testing.Telemetry;

/// <summary>
/// Receives what OpenTelemetry exporters send to this machine: OTLP over HTTP
/// with protobuf bodies (OTLP specification, section "OTLP/HTTP"), and
/// what Azure Monitor's exporter posts to <c>track</c>, which it only keeps.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentQueue<string> _metrics = new();
    private readonly ConcurrentQueue<string> _logTraces = new();
    private readonly ConcurrentQueue<byte[]> _tracked = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, together with <c>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</c>.</summary>
    public Uri Endpoint => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Spans in order of arrival.</summary>
    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    /// <summary><c>{meter}/{instrument}</c> in order of arrival, once for each export.</summary>
    public IReadOnlyCollection<string> Metrics => _metrics;

    /// <summary>Trace ids of log records; empty for those outside a trace.</summary>
    public IReadOnlyCollection<string> LogTraces => _logTraces;

    /// <summary>Bodies that Azure Monitor's exporter sent, as they came.</summary>
    public IReadOnlyCollection<byte[]> Tracked => _tracked;

    /// <summary>Listens on a free port of loopback.</summary>
    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new OtlpReceiver(builder.Build());
        receiver.Map("/v1/traces", receiver.TakeTraces);
        receiver.Map("/v1/metrics", receiver.TakeMetrics);
        receiver.Map("/v1/logs", receiver.TakeLogs);
        receiver.Map("/v2.1/track", receiver._tracked.Enqueue);
        await receiver._app.StartAsync(cancellationToken).ConfigureAwait(false);
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map(string path, Action<byte[]> take) => _app.MapPost(path, async (HttpContext context) =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        take(body.ToArray());
    });

    private void TakeTraces(byte[] body)
    {
        foreach (var resource in TraceRequest.Parser.ParseFrom(body).ResourceSpans)
        {
            var service = resource.Resource?.Attributes.FirstOrDefault(attribute => attribute.Key == "service.name")?.Value?.StringValue;
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    var parent = span.ParentSpanId.IsEmpty ? null : Hex(span.ParentSpanId);
                    List<string> links = [.. span.Links.Select(link => Hex(link.SpanId))];
                    _spans.Enqueue(
                        new ReceivedSpan(service, scope.Scope.Name, span.Name, Hex(span.TraceId), Hex(span.SpanId), parent, links));
                }
            }
        }
    }

    private void TakeMetrics(byte[] body)
    {
        foreach (var scope in MetricsRequest.Parser.ParseFrom(body).ResourceMetrics.SelectMany(resource => resource.ScopeMetrics))
        {
            foreach (var metric in scope.Metrics) _metrics.Enqueue($"{scope.Scope.Name}/{metric.Name}");
        }
    }

    private void TakeLogs(byte[] body)
    {
        foreach (var scope in LogsRequest.Parser.ParseFrom(body).ResourceLogs.SelectMany(resource => resource.ScopeLogs))
        {
            foreach (var record in scope.LogRecords) _logTraces.Enqueue(Hex(record.TraceId));
        }
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
