namespace Emulator.FunctionsHost.HostJson;

/// <summary>What this host obeys of a host.json. The defaults are the Functions host's own.</summary>
/// <param name="RoutePrefix">Before every HTTP route; empty for none.</param>
/// <param name="FunctionTimeout">After which a function has failed and its worker is started anew; null for never.</param>
internal sealed record HostSettings(string RoutePrefix, TimeSpan? FunctionTimeout, ServiceBusSettings ServiceBus)
{
    public const string DefaultRoutePrefix = "api";

    // 5 min on the classic Consumption plan only.
    public static readonly TimeSpan DefaultFunctionTimeout = TimeSpan.FromMinutes(30);

    public static HostSettings Default { get; } = new(DefaultRoutePrefix, DefaultFunctionTimeout, ServiceBusSettings.Default);
}
