using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.HostJson;

/// <summary>Reads a host.json and the app settings <c>AzureFunctionsJobHost__...</c> that override it.</summary>
internal static class HostJsonFile
{
    public const string FileName = "host.json";

    private const string OverridePrefix = "AzureFunctionsJobHost";
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(40);
    private static readonly TimeSpan LongestBatchWait = TimeSpan.FromMinutes(5);

    /// <param name="json">The file, or null where there is none.</param>
    /// <param name="warnings">Keys that this host does not know or does not obey.</param>
    public static HostSettings Parse(Stream? json, IConfiguration settings, ICollection<string> errors, ICollection<string> warnings)
    {
        var builder = new ConfigurationBuilder();
        if (json is not null)
        {
            builder.AddJsonStream(json);
        }

        builder.AddInMemoryCollection(settings.GetSection(OverridePrefix).AsEnumerable(makePathsRelative: true));
        IConfigurationRoot values;
        try
        {
            values = builder.Build();
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or JsonException)
        {
            errors.Add($"{FileName}: not valid JSON: {exception.InnerException?.Message ?? exception.Message}");
            return HostSettings.Default;
        }

        if (json is not null)
        {
            CheckVersion(values, errors);
        }

        HostJsonKeys.Warn(values, warnings);
        return Read(new HostJsonReader(values, errors));
    }

    private static void CheckVersion(IConfiguration values, ICollection<string> errors)
    {
        var version = values["version"];
        if (version is null)
        {
            errors.Add($"{FileName}: the required property 'version' is missing; expected \"2.0\".");
        }
        else if (version != "2.0")
        {
            errors.Add($"{FileName}: version must be \"2.0\", but it is \"{version}\".");
        }
    }

    private static HostSettings Read(HostJsonReader reader)
    {
        var prefix = reader.Text("extensions:http:routePrefix", HostSettings.DefaultRoutePrefix).Trim('/');
        var timeout = reader.IsValue("functionTimeout", "-1")
            ? (TimeSpan?)null
            : reader.Duration("functionTimeout", HostSettings.DefaultFunctionTimeout, TimeSpan.FromSeconds(1), LongestTimeout);
        var concurrent = ReadBound(reader, "extensions:http:maxConcurrentRequests");
        var outstanding = ReadBound(reader, "extensions:http:maxOutstandingRequests");
        return new HostSettings(prefix, timeout, concurrent, outstanding, ReadServiceBus(reader));
    }

    private static int ReadBound(HostJsonReader reader, string key) =>
        reader.IsValue(key, "-1") ? HostSettings.Unbounded : reader.Number(key, HostSettings.Unbounded, 1, int.MaxValue);

    private static ServiceBusSettings ReadServiceBus(HostJsonReader reader)
    {
        const string Section = "extensions:serviceBus:";
        var defaults = ServiceBusSettings.Default;
        return new ServiceBusSettings(
            reader.Number(Section + "prefetchCount", defaults.PrefetchCount, 0, int.MaxValue),
            reader.Flag(Section + "autoCompleteMessages", defaults.AutoCompleteMessages),
            reader.Duration(
                Section + "maxAutoLockRenewalDuration",
                defaults.MaxAutoLockRenewalDuration,
                TimeSpan.Zero,
                TimeSpan.MaxValue,
                allowInfinite: true),
            reader.Number(Section + "maxConcurrentCalls", defaults.MaxConcurrentCalls, 1, int.MaxValue),
            reader.Number(Section + "maxConcurrentSessions", defaults.MaxConcurrentSessions, 1, int.MaxValue),
            reader.Number(Section + "maxConcurrentCallsPerSession", defaults.MaxConcurrentCallsPerSession, 1, int.MaxValue),
            reader.Number(Section + "maxMessageBatchSize", defaults.MaxMessageBatchSize, 1, int.MaxValue),
            reader.Number(Section + "minMessageBatchSize", defaults.MinMessageBatchSize, 1, int.MaxValue),
            reader.Duration(Section + "maxBatchWaitTime", defaults.MaxBatchWaitTime, TimeSpan.Zero, LongestBatchWait),
            reader.OptionalDuration(Section + "sessionIdleTimeout", TimeSpan.FromTicks(1), TimeSpan.FromDays(1)),
            reader.OneOf(Section + "transportType", defaults.TransportType),
            ReadRetry(reader, Section + "clientRetryOptions:"));
    }

    private static RetrySettings ReadRetry(HostJsonReader reader, string section)
    {
        var defaults = RetrySettings.Default;
        return new RetrySettings(
            reader.OneOf(section + "mode", defaults.Mode),
            reader.Number(section + "maxRetries", defaults.MaxRetries, 0, 100),
            reader.Duration(section + "delay", defaults.Delay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)),
            reader.Duration(section + "maxDelay", defaults.MaxDelay, TimeSpan.Zero, TimeSpan.MaxValue),
            reader.Duration(section + "tryTimeout", defaults.TryTimeout, TimeSpan.FromTicks(1), TimeSpan.FromHours(1)));
    }
}
