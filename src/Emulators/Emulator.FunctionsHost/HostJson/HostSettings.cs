namespace Emulator.FunctionsHost.HostJson;

/// <summary>What this host obeys of a host.json. The defaults are the Functions host's own.</summary>
/// <param name="RoutePrefix">Before every HTTP route; empty for none.</param>
/// <param name="FunctionTimeout">After which a function has failed and its worker is started anew; null for never.</param>
/// <param name="MaxConcurrentRequests">HTTP requests in the worker at once; -1 for any number, as on every plan but Consumption.</param>
/// <param name="MaxOutstandingRequests">HTTP requests taken at all, before 429; -1 likewise.</param>
internal sealed record HostSettings(
    string RoutePrefix, TimeSpan? FunctionTimeout, int MaxConcurrentRequests, int MaxOutstandingRequests, ServiceBusSettings ServiceBus)
{
    public const string DefaultRoutePrefix = "api";
    public const int Unbounded = -1;

    // 5 min on the classic Consumption plan only.
    public static readonly TimeSpan DefaultFunctionTimeout = TimeSpan.FromMinutes(30);

    public static HostSettings Default { get; } = new(
        DefaultRoutePrefix, DefaultFunctionTimeout, Unbounded, Unbounded, ServiceBusSettings.Default);
}
