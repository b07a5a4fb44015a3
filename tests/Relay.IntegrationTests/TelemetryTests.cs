using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Relay.Client;
using Relay.Client.Delegations;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Telemetry;

namespace Relay.IntegrationTests;

/// <summary>
/// One collector for everybody: mediator and delegation here, the Functions host, and the function app in its own process.
/// </summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private const string Unsent = "a parent that nobody sent";

    private OtlpReceiver _collector = null!;
    private RelayUnderTest _relay = null!;
    private TracerProvider _here = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _collector = await OtlpReceiver.StartAsync(Token);
        _relay = new RelayUnderTest
        {
            Settings = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Endpoint.AbsoluteUri,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SERVICE_NAME"] = "worker",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
                // What the local host's own log does not want is wanted here all the same.
                ["Logging:OpenTelemetry:LogLevel:Default"] = "Information",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            },
        };
        await _relay.InitializeAsync();
        _here = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("here"))
            .AddSource(ClientTelemetry.SourceName, "Emulator.FunctionsHost", "System.Net.Http")
            .AddOtlpExporter(options =>
            {
                options.Endpoint = new Uri(_collector.Endpoint, "v1/traces");
                options.Protocol = OtlpExportProtocol.HttpProtobuf;
                // By a thread of its own: an export at the end of each span holds the threads that the collector needs to answer.
                options.ExportProcessorType = ExportProcessorType.Batch;
                options.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 100;
                // Other tests of this process make spans too, at times thousands at once.
                options.BatchExportProcessorOptions.MaxQueueSize = 65_536;
            })
            .Build();
    }

    public async ValueTask DisposeAsync()
    {
        _here.Dispose();
        await _relay.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task Envelope_OverTheQueue_IsOneTraceFromItsProducerToItsRecipient()
    {
        await using var submitter = new EnvelopeSubmitter(_relay.Bus, TimeProvider.System);
        var arrived = await RelayAsync(envelope => submitter.SubmitAsync(envelope, Token));
        Assert.Equal(
            ["receive envelope of here", "forward envelope of worker", "relay envelope of worker", "submit envelope of here"],
            Ancestry(arrived));
        var (relayed, committed) = (Named(arrived.TraceId, "relay envelope"), Named(arrived.TraceId, "commit envelope"));
        Assert.Equal(relayed.SpanId, committed.ParentId);

        // The invocation is the whole batch's, so it has a trace of its own: linked from the envelope's, and to it.
        // Hosts of other tests share this process: the one meant is the parent of what ran in this relay's worker.
        ReceivedSpan? Run() => _collector.Spans.FirstOrDefault(span => span.Service == "worker" && relayed.Links.Contains(span.SpanId));
        ReceivedSpan? Invocation() => _collector.Spans.FirstOrDefault(span => span.Service == "here" && span.SpanId == Run()?.ParentId);
        await TestDeadline.Until(() => Invocation() is not null, "both spans of the invocation");
        Assert.Equal(("function RelayEnvelope", "function RelayEnvelope"), (Run()!.Name, Invocation()!.Name));
        Assert.Equal([Run()!.SpanId], relayed.Links);
        Assert.Equal([Named(arrived.TraceId, "submit envelope").SpanId], Invocation()!.Links);
        Assert.NotEqual(arrived.TraceId, Invocation()!.TraceId);
        await TestDeadline.Until(() => _collector.Metrics.Contains("Relay/relay.envelope.duration"), "the meter");
        await TestDeadline.Until(() => _collector.LogTraces.Contains(arrived.TraceId), "the verdict's log line, in the trace");
    }

    [Fact]
    public async Task Envelope_OverHttp_IsOneTraceFromItsProducerToItsRecipient()
    {
        using var http = new HttpClient { BaseAddress = _relay.Stack.Endpoints.Http };
        var submitter = new EnvelopeHttpSubmitter(http, TimeProvider.System);
        var arrived = await RelayAsync(envelope => submitter.SubmitAsync(envelope, Token));
        Assert.Equal(
            [
                "receive envelope of here", "forward envelope of worker", "relay envelope of worker",
                "admit envelope of worker",
                "function SubmitEnvelope of worker",
                "function SubmitEnvelope of here",
                "POST of here",
                "submit envelope of here",
            ],
            Ancestry(arrived));
    }

    // The span of the arrival, once all of its trace has reached the collector.
    private async Task<ReceivedSpan> RelayAsync(Func<Envelope, Task> submit)
    {
        var cast = _relay.Cast;
        await submit(await _relay.SayAsync("us", "iran", Lane.Normal, Token));
        await using var inbox = new DelegationInbox(
            _relay.Bus, cast.InspectorOf("iran", null, TimeProvider.System), InboxOrder.Default, null, TimeProvider.System);
        var message = await inbox.ReceiveAsync(TestDeadline.Default, Token);
        Assert.Equal(InboxFault.None, message?.Result.Fault);
        await message!.SettleAsync(Token);

        var trace = message.TraceParent!.Split('-');
        ReceivedSpan? Arrival() => _collector.Spans.SingleOrDefault(span => span.TraceId == trace[1] && span.SpanId == trace[2]);
        await TestDeadline.Until(
            () => Arrival() is { } span && Ancestry(span)[^1] != Unsent, "the producer's span, and all between it and the recipient's");
        return Arrival()!;
    }

    private ReceivedSpan Named(string trace, string name) =>
        Assert.Single(_collector.Spans, span => span.TraceId == trace && span.Name == name);

    // From a span up to the one that has no parent, or whose parent never arrived.
    private List<string> Ancestry(ReceivedSpan span)
    {
        List<string> names = [];
        for (var next = span;
            next is not null;
            next = _collector.Spans.SingleOrDefault(other => other.TraceId == span.TraceId && other.SpanId == next.ParentId))
        {
            names.Add($"{next.Name} of {next.Service}");
            if (next.ParentId is null) return names;
        }

        return [.. names, Unsent];
    }
}
