using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Functions.Diagnostics;
using Relay.Protocol.Envelopes;
using Relay.Testing.Telemetry;

namespace Relay.Functions.Tests.Diagnostics;

/// <summary>
/// What leaves the process, seen by a receiver on this machine. Alone,
/// because who listens to an activity source listens to the whole process.
/// </summary>
[CollectionDefinition(nameof(TelemetryExportTests), DisableParallelization = true)]
[Collection(nameof(TelemetryExportTests))]
public sealed class TelemetryExportTests
{
    private const string Key = "InstrumentationKey=00000000-0000-0000-0000-000000000001";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddTelemetryExport_NobodyNamed_CollectsNothing()
    {
        await using var services = Build([]);
        Assert.Null(services.GetService<TracerProvider>());
        Assert.False(services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities.ContainsKey("WorkerOpenTelemetryEnabled"));
    }

    [Fact]
    public async Task AddTelemetryExport_Collector_GetsTraceMeterAndLogsOfAnEnvelope()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        var trace = ActivityTraceId.CreateRandom();
        await WorkAsync(Collector(receiver), $"00-{trace}-b7ad6b7169203331-01");

        var span = Assert.Single(receiver.Spans, span => span.TraceId == trace.ToString());
        Assert.Equal(("Relay", "relay envelope", "b7ad6b7169203331"), (span.Source, span.Name, span.ParentId));
        Assert.Contains("Relay/relay.envelope.duration", receiver.Metrics);
        // The one line of the verdict is found from the trace.
        Assert.Contains(trace.ToString(), receiver.LogTraces);
    }

    [Fact]
    public async Task AddTelemetryExport_Collector_TellsTheHostToLeaveTelemetryToTheWorker()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        await using var services = Build(Collector(receiver));
        Assert.Equal("True", services.GetRequiredService<IOptions<WorkerOptions>>().Value.Capabilities["WorkerOpenTelemetryEnabled"]);
    }

    [Fact]
    public async Task AddTelemetryExport_ApplicationInsights_GetsTheMeter()
    {
        await using var receiver = await OtlpReceiver.StartAsync(Token);
        var endpoint = receiver.Endpoint.AbsoluteUri;
        await WorkAsync(
            new() { [TelemetryExport.MonitorSetting] = $"{Key};IngestionEndpoint={endpoint};LiveEndpoint={endpoint}" },
            $"00-{ActivityTraceId.CreateRandom()}-b7ad6b7169203331-01");

        Assert.Contains("relay.envelope.duration", string.Concat(receiver.Tracked.Select(Text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ClientId=x;Authorization=AAD", true)]
    [InlineData(null, false)]
    public async Task AddTelemetryExport_SignsIn_WhereTheHostIsToldToToo(string? authentication, bool signsIn)
    {
        await using var services = Build(
            new() { [TelemetryExport.MonitorSetting] = Key, [TelemetryExport.MonitorAuthenticationSetting] = authentication },
            before => before.AddSingleton<TokenCredential>(new NoCredential()));
        var options = services.GetRequiredService<IOptionsMonitor<AzureMonitorExporterOptions>>().CurrentValue;
        Assert.Equal((signsIn, Key), (options.Credential is NoCredential, options.ConnectionString));
    }

    private static Dictionary<string, string?> Collector(OtlpReceiver receiver) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Endpoint.AbsoluteUri,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    // One envelope is ruled on; what is collected leaves when the services end.
    private static async Task WorkAsync(Dictionary<string, string?> settings, string traceParent)
    {
        await using var services = Build(settings);
        var hosted = services.GetServices<IHostedService>().ToArray();
        foreach (var service in hosted) await service.StartAsync(Token);
        var telemetry = services.GetRequiredService<RelayTelemetry>();
        using (RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, traceParent))
        {
            telemetry.Ruled(
                new Ruling(Verdict.Expired, ReasonCodes.Expired, "expected an envelope in date"),
                Lane.Normal,
                TimeProvider.System.GetTimestamp());
        }

        foreach (var service in hosted) await service.StopAsync(Token);
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<IServiceCollection>? before = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug));
        services.AddMetrics();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RelayTelemetry>();
        before?.Invoke(services);
        services.AddTelemetryExport(configuration);
        return services.BuildServiceProvider();
    }

    private static string Text(byte[] body)
    {
        if (body is not [0x1f, 0x8b, ..]) return Encoding.UTF8.GetString(body);
        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        return reader.ReadToEnd();
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
