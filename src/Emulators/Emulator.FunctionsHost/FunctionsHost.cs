using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Triggers;
using Emulator.FunctionsHost.Triggers.Http;
using Emulator.FunctionsHost.Triggers.ServiceBus;
using Emulator.FunctionsHost.Triggers.Timer;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.FunctionsHost;

/// <summary>
/// Runs a function app as its genuine isolated worker process, over the
/// host-worker protocol: Service Bus, HTTP and timer triggers, with the
/// settings and the host.json that the Functions host reads. Loopback only; for development and tests, never deployed.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    private readonly FunctionsHostOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly WorkerLogs _logs;
    private readonly HeldMessages _held = new();
    private readonly List<ITriggerListener> _listeners = [];

    // Signalled one after the other when the host stops: nothing new is begun, and what still runs is told so.
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cancelling = new();

    // Guards _stopped. No await happens inside.
    private readonly Lock _gate = new();
    private GrpcListener? _grpc;
    private WorkerSupervisor? _workers;
    private ServiceBusClients? _clients;
    private HttpFront? _front;
    private Task? _stopped;

    private FunctionsHost(FunctionsHostOptions options)
    {
        _options = options;
        _loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<FunctionsHost>();
        _logs = new WorkerLogs(_loggers);
    }

    /// <summary>The functions that run, by name.</summary>
    public IReadOnlyList<FunctionSummary> Functions { get; private set; } = [];

    /// <summary>Where HTTP functions are served, e.g. <c>http://127.0.0.1:7071/</c>; routes start below it with the route prefix.</summary>
    public Uri HttpAddress => _front!.HttpAddress;

    /// <summary>The same over HTTPS; null when the host has no server certificate.</summary>
    public Uri? HttpsAddress => _front!.HttpsAddress;

    /// <summary>The system's number of the worker's process; null while none runs.</summary>
    public int? WorkerProcessId => _workers is not null && _workers.TryGet(out var worker) ? worker.Process.Id : null;

    /// <summary>Checks everything, starts the worker, loads its functions, serves HTTP and listens.</summary>
    /// <remarks>An entity that is missing or a broker that is away is no error: it is logged and tried again while the host runs.</remarks>
    /// <returns>A running host; the caller disposes it, and the worker's process ends with it, or with this process.</returns>
    /// <exception cref="FunctionAppException">The app, its settings or its host.json
    /// are wrong, or its worker does not start; all errors at once.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FunctionsHost> StartAsync(FunctionsHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HttpPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HttpPort, 65535);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HttpsPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HttpsPort, 65535);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DrainTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ShutdownTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LongestRestartDelay, TimeSpan.Zero);
        var host = new FunctionsHost(options);
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
    /// Starts no more functions, waits for those that run, signals their tokens
    /// after <see cref="FunctionsHostOptions.DrainTimeout"/>, gives up at
    /// <see cref="FunctionsHostOptions.ShutdownTimeout"/>, and then ends the
    /// worker. A message whose function did not end keeps its lock until that
    /// lapses, and is then delivered again: none is lost.
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
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (_front is not null) await _front.DisposeAsync().ConfigureAwait(false);
        if (_clients is not null) await _clients.DisposeAsync().ConfigureAwait(false);
        _front = null;
        _clients = null;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var app = FunctionsHostBuilder.Read(_options, _logger);
        var rpc = new FunctionRpcService(_loggers.CreateLogger<FunctionRpcService>(), _options.TimeProvider);
        _grpc = await GrpcListener.StartAsync(rpc, new SettlementService(_held), _loggers, cancellationToken).ConfigureAwait(false);
        var logger = _loggers.CreateLogger<WorkerSupervisor>();
        var starter = new WorkerStarter(
            rpc, app.Start, Path.GetFullPath(_options.AppFolder), _options.Timeouts, _logs, _options.TimeProvider, logger);
        _workers = new WorkerSupervisor(
            starter, _grpc.Address, _options.Timeouts, _options.LongestRestartDelay, _options.TimeProvider, logger);
        var functions = app.Index(await StartWorkerAsync(_workers, cancellationToken).ConfigureAwait(false));
        var invoker = new FunctionInvoker(
            _workers, app.Host.FunctionTimeout, _options.TimeProvider, _loggers.CreateLogger<FunctionInvoker>());
        _clients = new ServiceBusClients(app.Host.ServiceBus);
        var composer = new ListenerComposer(
            _clients, _held, app.Host.ServiceBus, invoker, _options.TimeProvider, _loggers, _stopping.Token, _cancelling.Token);
        _listeners.AddRange(functions.Select(composer.Compose).OfType<ITriggerListener>());
        var front = new HttpFrontOptions(
            _options.HttpPort, _options.HttpsPort, _options.ServerCertificate, _options.FunctionKey, app.BodyLimit,
            app.Host.MaxConcurrentRequests, app.Host.MaxOutstandingRequests, _options.ShutdownTimeout, _loggers, _options.TimeProvider);
        _front = await HttpFront.StartAsync(
            front, _workers, invoker, functions, _cancelling.Token, cancellationToken).ConfigureAwait(false);
        HostLog.Serving(_logger, HttpAddress);
        await ListenAsync(functions, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<Protocol.RpcFunctionMetadata>> StartWorkerAsync(
        WorkerSupervisor workers, CancellationToken cancellationToken)
    {
        try
        {
            return (await workers.StartAsync(cancellationToken).ConfigureAwait(false)).Functions;
        }
        catch (WorkerException exception)
        {
            throw new FunctionAppException([exception.Message]);
        }
    }

    private async Task ListenAsync(IReadOnlyList<FunctionDescriptor> functions, CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            await listener.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        Functions =
            [.. functions.Select(function => new FunctionSummary(function.Name, function.Trigger.Type, function.Trigger.Describe()))];
        foreach (var function in Functions)
        {
            HostLog.Listening(_logger, function.Name, function.Trigger, function.Source);
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
            await DrainAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            HostLog.StopTimedOut(_logger, _options.ShutdownTimeout);
        }

        await _cancelling.CancelAsync().ConfigureAwait(false);
        if (_workers is not null) await _workers.DisposeAsync().ConfigureAwait(false);
        if (_grpc is not null) await _grpc.DisposeAsync().ConfigureAwait(false);
        await _logs.DisposeAsync().ConfigureAwait(false);
        HostLog.Stopped(_logger);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var draining = StopListenersAsync(cancellationToken);
        await draining.WaitAsync(
            _options.DrainTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!draining.IsCompleted)
        {
            HostLog.DrainTimedOut(_logger, _options.DrainTimeout);
            await _cancelling.CancelAsync().ConfigureAwait(false);
        }

        await draining.ConfigureAwait(false);
    }

    // HTTP last, so that a function which still runs can call its own app.
    private async Task StopListenersAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_listeners.Select(listener => listener.StopAsync(cancellationToken))).ConfigureAwait(false);
        if (_front is not null) await _front.StopAsync(cancellationToken).ConfigureAwait(false);
    }
}
