using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Relay.Core.Diagnostics;

namespace Relay.Functions.Diagnostics;

/// <summary>
/// Sends traces, the meter and logs out of the process by OpenTelemetry, to whom the environment names. Nobody named: nothing is collected.
/// </summary>
/// <remarks>
/// OTLP: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or one for each signal, with
/// the other variables of the OpenTelemetry specification ("OTLP exporter
/// configuration"). Application Insights: <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>;
/// with <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> of
/// <c>Authorization=AAD</c>, as for the host, the app's own credential signs in. Both at once is allowed.
/// </remarks>
public static class TelemetryExport
{
    internal const string MonitorSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    internal const string MonitorAuthenticationSetting = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    private static readonly string[] OtlpSettings =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    /// <summary>
    /// Adds the exporters that <paramref name="configuration"/> asks for, and what the worker needs to leave telemetry to them.
    /// </summary>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var toCollector = OtlpSettings.Any(name => IsSet(configuration, name));
        var toMonitor = IsSet(configuration, MonitorSetting);
        if (!toCollector && !toMonitor) return services;
        var telemetry = services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .WithTracing(traces => traces.AddSource(RelayTelemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(RelayTelemetry.Name))
            .WithLogging();
        if (toCollector) telemetry.UseOtlpExporter();
        if (toMonitor) telemetry.UseMonitor(services, configuration);
        return services;
    }

    private static void UseMonitor(this IOpenTelemetryBuilder telemetry, IServiceCollection services, IConfiguration configuration)
    {
        if (configuration[MonitorAuthenticationSetting]?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) == true)
        {
            services.AddOptions<AzureMonitorExporterOptions>()
                .Configure<TokenCredential>((options, credential) => options.Credential = credential);
        }

        telemetry.UseAzureMonitorExporter(options => options.ConnectionString = configuration[MonitorSetting]);
    }

    private static bool IsSet(IConfiguration configuration, string name) => !string.IsNullOrWhiteSpace(configuration[name]);
}
