using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Keys;
using Emulator.FunctionsHost;
using Emulator.KeyVault;
using Emulator.ServiceBus;
using Microsoft.Extensions.Logging;
using Relay.Client.Files;
using Relay.Local.Chaos;

namespace Relay.Local;

/// <summary>
/// The whole relay on this machine, on loopback: Service Bus and Key Vault emulators, a folder of directory documents, and a Functions
/// host, in this process; the function app as the worker process that it is deployed as. Start it, talk to it through
/// <see cref="Endpoints"/>, dispose it.
/// </summary>
public sealed class LocalStack : IAsyncDisposable
{
    private readonly LocalStackOptions _options;
    private readonly ILoggerFactory _loggers;
    private ServiceBusEmulator? _bus;
    private KeyVaultEmulator? _vault;
    private StackChaos? _chaos;
    private LocalIdentity? _identity;
    private FunctionsHost? _functions;
    private X509Certificate2? _certificate;

    private LocalStack(LocalStackOptions options)
    {
        _options = options;
        _loggers = LoggerFactory.Create(logging => options.Logging?.Invoke(logging));
    }

    /// <summary>Where each part listens.</summary>
    public LocalEndpoints Endpoints { get; private set; } = null!;

    /// <summary>The running Service Bus emulator, for what only its host may see: counts of messages per entity.</summary>
    public ServiceBusEmulator Bus => _bus ?? throw new InvalidOperationException("The stack is not running.");

    /// <summary>Disturbs the stack by command; null on one that cannot be disturbed.</summary>
    public ChaosControl? Chaos => _chaos?.Control;

    /// <summary>The system's number of the function app's process; null while it is being started again.</summary>
    public int? WorkerProcessId => _functions?.WorkerProcessId;

    /// <summary>Starts every part; what did start is stopped again when one fails.</summary>
    /// <param name="progress">Told one line per finished part.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    /// <exception cref="InvalidDataException">The state folder holds something unreadable.</exception>
    /// <exception cref="FunctionAppException">The function app or its settings are wrong, or it does not start.</exception>
    public static async Task<LocalStack> StartAsync(
        LocalStackOptions options, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var stack = new LocalStack(options);
        try
        {
            await stack.StartPartsAsync(progress, cancellationToken).ConfigureAwait(false);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the function app first, so that what it holds goes back to the bus, then the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Endpoints is not null)
        {
            LocalEndpoints.Delete(_options.StateFolder);
        }

        _chaos?.Control.Calm();
        if (_functions is not null) await _functions.DisposeAsync().ConfigureAwait(false);
        if (_identity is not null) await _identity.DisposeAsync().ConfigureAwait(false);
        if (_chaos is not null) await _chaos.DisposeAsync().ConfigureAwait(false);
        if (_bus is not null) await _bus.DisposeAsync().ConfigureAwait(false);
        if (_vault is not null) await _vault.DisposeAsync().ConfigureAwait(false);
        _certificate?.Dispose();
        _loggers.Dispose();
    }

    private async Task StartPartsAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(_options.StateFolder);
        var vaultPort = VaultPort.Choose(_options.StateFolder, _options.VaultPort);
        if (_options.CanBeDisturbed) _chaos = StackChaos.Create(_options.StateFolder, _options.AmqpPort, vaultPort, _options.TimeProvider);
        var time = _chaos?.Clock ?? _options.TimeProvider;
        _bus = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                Address = LocalStackOptions.Address,
                AmqpPort = _chaos is null ? _options.AmqpPort : 0,
                AdvertisedAmqpPort = _chaos?.PortOfBus,
                IsBusy = _chaos is null ? null : _chaos.IsBusBusy,
                AdminPort = _options.AdminPort,
                StateFolder = Path.Combine(_options.StateFolder, "service-bus"),
                Topology = LocalTopology.Create(_options.Topology),
                TimeProvider = time,
                LoggerFactory = _loggers,

                // Premium's, as deployed by default: oversize envelopes have to reach the application to be refused there.
                MaxMessageBytes = 1024 * 1024,
            },
            cancellationToken).ConfigureAwait(false);
        _chaos?.OpenBus(_bus.AmqpEndpoint);
        var amqp = $"{_bus.AmqpEndpoint.Address}:{_chaos?.PortOfBus ?? _bus.AmqpEndpoint.Port}";
        progress?.Report($"Service Bus emulator on {amqp}{(_bus.AdminPort is { } admin ? $", administration on port {admin}" : "")}");

        _vault = await KeyVaultEmulator.StartAsync(
            new KeyVaultEmulatorOptions
            {
                Address = LocalStackOptions.Address,
                Port = _chaos is null ? vaultPort : 0,
                AdvertisedPort = _chaos?.PortOfVault,
                IsBusy = _chaos is null ? null : _chaos.IsVaultBusy,
                StateFolder = Path.Combine(_options.StateFolder, "vault"),
                TimeProvider = time,
                LoggerFactory = _loggers,
            },
            cancellationToken).ConfigureAwait(false);
        _chaos?.OpenVault(_vault.ListeningPort);
        VaultPort.Keep(_options.StateFolder, _vault.VaultUri);
        progress?.Report($"Key Vault emulator on {_vault.VaultUri}");

        _certificate = LocalCertificates.Server(_options.StateFolder, _options.TimeProvider);
        Endpoints = new LocalEndpoints(
            _bus.ConnectionString, new Uri("http://localhost"), _vault.VaultUri, _vault.CertificateThumbprint, _vault.CertificatePath,
            new Uri("https://localhost"), LocalCertificates.ServerPath(_options.StateFolder), Environment.ProcessId)
        {
            ServiceBusAdmin = _bus.AdminConnectionString,
            ServiceBusStatus = _bus.AdminPort is { } port ? new Uri($"http://localhost:{port}/") : null,
            ServiceBusCertificate = _bus.AdminCertificatePath,
        };
        await SeedAsync(cancellationToken).ConfigureAwait(false);
        var delegations = string.Join(", ", _options.Topology.Delegations);
        var mediators = string.Join(", ", _options.Topology.Mediators.Select(mediator => mediator.Name));
        progress?.Report($"Negotiation {_options.Negotiation}: {delegations}; mediators {mediators}");

        _identity = await LocalIdentity.StartAsync("relay", _options.TimeProvider, _loggers, cancellationToken).ConfigureAwait(false);
        var beside = _options.BesideAppStart?.Invoke(Endpoints, cancellationToken) ?? Task.CompletedTask;
        await Task.WhenAll(StartAppAsync(_identity, cancellationToken), beside).ConfigureAwait(false);
        if (_chaos is not null) await _chaos.ListenAsync(_options.ChaosPort, _loggers, cancellationToken).ConfigureAwait(false);
        Endpoints = Endpoints with { Http = _functions!.HttpAddress, Https = _functions.HttpsAddress!, Chaos = _chaos?.Address };
        Endpoints.Write(_options.StateFolder);
        progress?.Report($"Function app (process {_functions.WorkerProcessId}) on {_functions.HttpAddress} and {_functions.HttpsAddress}");
    }

    private async Task StartAppAsync(LocalIdentity identity, CancellationToken cancellationToken) =>
        _functions = await FunctionsHost.StartAsync(FunctionsOptions(identity), cancellationToken).ConfigureAwait(false);

    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        var vault = LocalVault.Open(Endpoints, "local-stack", _options.TimeProvider);
        foreach (var key in _options.Topology.AllKeys)
        {
            await LocalVault.EnsureKeyAsync(vault, key, cancellationToken).ConfigureAwait(false);
        }

        var delegations = _options.Topology.Delegations
            .Select(name => LocalDelegation.LoadOrCreate(_options.StateFolder, name, _options.EncryptionKind)).ToList();
        try
        {
            LocalDirectory.Seed(_options, Endpoints.Vault, delegations);
        }
        finally
        {
            delegations.ForEach(delegation => delegation.Dispose());
        }
    }

    private FunctionsHostOptions FunctionsOptions(LocalIdentity identity)
    {
        var settings = new Dictionary<string, string?>(LocalWorker.Settings(identity, _loggers));
        settings["ServiceBus"] = Endpoints.ServiceBus;
        settings["Relay:Directory:Folder"] = LocalDirectory.Folder(_options.StateFolder);
        settings["Relay:KeyVault:CertificateThumbprint"] = Endpoints.VaultThumbprint;
        settings["Relay:Ledger:Folder"] = Path.Combine(_options.StateFolder, "ledger");
        settings["Relay:Ledger:RelayName"] = "relay.local";
        settings["Relay:Ledger:VaultUri"] = Endpoints.Vault.AbsoluteUri;
        settings["Relay:Operators:Log:Folder"] = Path.Combine(_options.StateFolder, "operators");
        settings["Relay:Operators:Certificates:0"] = LocalCertificates.OperatorOf(_options.StateFolder, _options.TimeProvider);
        foreach (var (name, value) in _chaos?.Settings ?? []) settings[name] = value;
        return new FunctionsHostOptions
        {
            AppFolder = _options.WorkerFolder,
            LocalSettingsPath = _options.LocalSettingsPath,
            HttpPort = _options.HttpPort,
            HttpsPort = _options.HttpsPort,
            ServerCertificate = _certificate,
            LoggerFactory = _loggers,
            Settings = settings,
        };
    }
}
