using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Emulator.Functions.Triggers;
using Emulator.Functions.Triggers.ServiceBus;

namespace Emulator.Functions;

/// <summary>
/// Runs a function app's <c>[Function]</c> methods in this process: Service Bus, HTTP and timer triggers, with the settings and the
/// host.json that the Functions host reads. Loopback only; for development and tests, never deployed.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServiceBusClients _clients;
    private readonly IReadOnlyList<ITriggerListener> _listeners;
    private readonly CancellationTokenSource _stopping;
    private readonly FunctionsHostOptions _options;
    private readonly ILogger<FunctionsHost> _logger;

    // Guards _stopped. No await happens inside.
    private readonly Lock _gate = new();
    private Task? _stopped;

    internal FunctionsHost(
        WebApplication app,
        ServiceBusClients clients,
        IReadOnlyList<ITriggerListener> listeners,
        IReadOnlyList<FunctionSummary> functions,
        CancellationTokenSource stopping,
        FunctionsHostOptions options)
    {
        _app = app;
        _clients = clients;
        _listeners = listeners;
        _stopping = stopping;
        _options = options;
        _logger = app.Services.GetRequiredService<ILogger<FunctionsHost>>();
        Functions = functions;
    }

    /// <summary>The functions that run, by name.</summary>
    public IReadOnlyList<FunctionSummary> Functions { get; }

    /// <summary>Where HTTP functions are served, e.g. <c>http://127.0.0.1:7071/</c>; routes start below it with the route prefix.</summary>
    public Uri HttpAddress { get; private set; } = null!;

    /// <summary>The same over HTTPS; null when the host has no server certificate.</summary>
    public Uri? HttpsAddress { get; private set; }

    /// <summary>The app's services; disposed with the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Finds the functions, checks everything, starts HTTP, the app's hosted services and the listeners.</summary>
    /// <remarks>An entity that is missing or a broker that is away is no error: it is logged and tried again while the host runs.</remarks>
    /// <returns>A running host; the caller disposes it.</returns>
    /// <exception cref="FunctionsHostException">The app, its settings or its host.json are wrong; all errors at once.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FunctionsHost> StartAsync(FunctionsHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HttpPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HttpPort, 65535);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HttpsPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HttpsPort, 65535);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ShutdownTimeout, TimeSpan.Zero);
        var host = FunctionsHostBuilder.Build(options);
        try
        {
            await host.RunAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Signals the functions' tokens, starts no more, waits for those that run, at most <see cref="FunctionsHostOptions.ShutdownTimeout"/>.
    /// A message whose function did not end keeps its lock until that lapses, and is then delivered again: none is lost.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _stopped ??= StopOnceAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await _clients.DisposeAsync().ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        HttpAddress = new Uri(addresses!.Addresses.First(address => address.StartsWith("http://", StringComparison.Ordinal)));
        HttpsAddress = addresses.Addresses.FirstOrDefault(address => address.StartsWith("https://", StringComparison.Ordinal)) is { } secure ? new Uri(secure) : null;
        FunctionsHostLog.Serving(_logger, HttpAddress);
        foreach (var listener in _listeners)
        {
            await listener.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var function in Functions)
        {
            FunctionsHostLog.Listening(_logger, function.Name, function.Trigger, function.Source);
        }
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var limit = new CancellationTokenSource(_options.ShutdownTimeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_listeners.Select(listener => listener.StopAsync(linked.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            FunctionsHostLog.StopTimedOut(_logger, _options.ShutdownTimeout);
        }

        // Last, so that a function which still runs can call its own app.
        await _app.StopAsync(linked.Token).ConfigureAwait(false);
        FunctionsHostLog.Stopped(_logger);
    }
}
