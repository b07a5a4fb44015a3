using System.Collections.Frozen;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.HostJson;

/// <summary>
/// Which keys the Functions host knows, and which of them this host obeys. An unknown key changes nothing in either, so it only warns.
/// </summary>
internal static class HostJsonKeys
{
    private static readonly FrozenSet<string> TopLevel = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "version", "functionTimeout", "extensions", "logging", "concurrency", "extensionBundle", "aggregator", "healthMonitor", "singleton",
        "functions",
        "watchDirectories",
        "watchFiles",
        "managedDependency",
        "customHandler",
        "retry",
        "telemetryMode",
        "sendCanceledInvocationsToWorker");

    private static readonly FrozenSet<string> Http = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "routePrefix", "maxOutstandingRequests", "maxConcurrentRequests", "dynamicThrottlesEnabled", "hsts", "customHeaders");

    private static readonly FrozenSet<string> ServiceBus = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "clientRetryOptions",
        "prefetchCount",
        "transportType",
        "webProxy",
        "autoCompleteMessages",
        "maxAutoLockRenewalDuration",
        "maxConcurrentCalls",
        "maxConcurrentSessions",
        "maxConcurrentCallsPerSession",
        "maxMessageBatchSize",
        "minMessageBatchSize",
        "maxBatchWaitTime",
        "sessionIdleTimeout",
        "enableCrossEntityTransactions");

    private static readonly FrozenSet<string> ServiceBusRetry = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "mode", "tryTimeout", "delay", "maxDelay", "maxRetries");

    private static readonly string[] Ignored =
    [
        "extensions:serviceBus:webProxy", "extensions:serviceBus:enableCrossEntityTransactions",
    ];

    public static void Warn(IConfiguration values, ICollection<string> warnings)
    {
        WarnOfUnknown(values, "", TopLevel, warnings);
        WarnOfUnknown(values.GetSection("extensions:http"), "extensions.http.", Http, warnings);
        WarnOfUnknown(values.GetSection("extensions:serviceBus"), "extensions.serviceBus.", ServiceBus, warnings);
        WarnOfUnknown(
            values.GetSection("extensions:serviceBus:clientRetryOptions"),
            "extensions.serviceBus.clientRetryOptions.",
            ServiceBusRetry,
            warnings);
        if (bool.TryParse(values["concurrency:dynamicConcurrencyEnabled"], out var dynamic) && dynamic)
        {
            warnings.Add("concurrency.dynamicConcurrencyEnabled is not obeyed here: maxConcurrentCalls applies.");
        }

        foreach (var key in Ignored.Where(key => values[key] is { Length: > 0 }))
        {
            warnings.Add($"{key.Replace(':', '.')} is not obeyed here.");
        }
    }

    private static void WarnOfUnknown(IConfiguration section, string path, FrozenSet<string> known, ICollection<string> warnings)
    {
        foreach (var child in section.GetChildren().Where(child => !known.Contains(child.Key)))
        {
            warnings.Add($"{path}{child.Key} is not a setting of the host and has no effect.");
        }
    }
}
