using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Emulator.Amqp.State;
using Emulator.Amqp.Transport;
using Emulator.Hosting;
using Emulator.ServiceBus.Administration;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Links;

namespace Emulator.ServiceBus;

/// <summary>A Service Bus namespace on local ports. Not a cloud: no TLS on the AMQP port, no partitions, one process.</summary>
public sealed class ServiceBusEmulator : IAsyncDisposable
{
    /// <summary>The key name in <see cref="ConnectionString"/> in open mode.</summary>
    public const string DefaultKeyName = "RootManageSharedAccessKey";

    /// <summary>The key in <see cref="ConnectionString"/> in open mode; any other is accepted too.</summary>
    public const string DefaultKey = "SAS_KEY_VALUE";

    /// <summary>The admin port of the official emulator, which tools look for.</summary>
    public const int DefaultAdminPort = 5300;

    private const int MinMessageBytes = 1024;
    private const int MaxMessageBytes = 100 * 1024 * 1024;

    private readonly NamespaceEntities _entities;
    private readonly KeyNamespaces? _namespaces;
    private readonly SqliteJournal? _journal;
    private readonly AmqpListener _listener;
    private readonly BrokerMetrics _metrics;
    private readonly EntityAdministration? _administration;
    private readonly AdminHost? _admin;
    private readonly ILogger _logger;
    private int _stopped;

    private ServiceBusEmulator(
        NamespaceEntities entities,
        KeyNamespaces? namespaces,
        SqliteJournal? journal,
        AmqpListener listener,
        BrokerMetrics metrics,
        EntityAdministration? administration,
        AdminHost? admin,
        ILogger logger,
        int? advertisedPort,
        Func<int, string> connect)
    {
        _entities = entities;
        _namespaces = namespaces;
        _journal = journal;
        _listener = listener;
        _metrics = metrics;
        _administration = administration;
        _admin = admin;
        _logger = logger;
        AmqpEndpoint = listener.EndPoint;
        ConnectionString = connect(advertisedPort ?? AmqpEndpoint.Port);
        AdminConnectionString = admin is null ? null : connect(admin.Port);
    }

    /// <summary>Bound address and port of plain AMQP.</summary>
    public IPEndPoint AmqpEndpoint { get; }

    /// <summary>What clients on this machine connect with.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// What clients of administration connect with, and those that take one string for both: the admin port answers AMQP, too. Null without
    /// one.
    /// </summary>
    public string? AdminConnectionString { get; }

    /// <summary>Bound admin port; null without one.</summary>
    public int? AdminPort => _admin?.Port;

    /// <summary>
    /// File with the certificate of the admin port, PEM, for clients that speak TLS to it whatever they are told (JavaScript:
    /// NODE_EXTRA_CA_CERTS); null without an admin port. In the state folder; without one, in a temporary folder that is deleted at the
    /// end.
    /// </summary>
    public string? AdminCertificatePath => _admin?.CertificatePath;

    /// <summary>Checks the options, makes the entities and starts to listen.</summary>
    /// <returns>A running emulator; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the topology asks for what is not supported; the message lists
    /// every fault.</exception>
    /// <exception cref="InvalidDataException">The journal in the state folder cannot be used; the message names the file.</exception>
    /// <exception cref="IOException">A port cannot be had; the message names it.</exception>
    public static async Task<ServiceBusEmulator> StartAsync(ServiceBusEmulatorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        Check(options);
        var logger = options.LoggerFactory.CreateLogger<ServiceBusEmulator>();
        var (entities, durable) = Open(options, logger);
        IMessageJournal journal = durable is null ? MemoryJournal.Instance : durable;
        AmqpListener? listener = null;
        KeyNamespaces? namespaces = null;
        EntityAdministration? administration = null;
        AdminHost? admin = null;
        BrokerMetrics? metrics = null;
        try
        {
            durable?.Start();
            var counters = new BrokerCounters();
            metrics = new BrokerMetrics(counters, entities, () => listener?.ConnectionCount ?? 0);
            var tokens = new TokenValidator(options.SharedAccessKeys, options.TimeProvider);
            var context = new BrokerContext(
                entities, journal, tokens, options.TimeProvider, TimeProvider.System, logger, options.MaxMessageBytes, counters,
                options.IsBusy ?? (static () => false));
            if (options.NamespacePerKeyName) namespaces = new KeyNamespaces(context, DefaultKeyName, () => InMemory(options));
            listener = AmqpListener.Start(
                LoopbackSockets.Bind(options.Address, options.AmqpPort),
                ListenerOptions(options),
                _ => new ServiceBusConnection(context, namespaces));
            BrokerLog.Started(logger, listener.EndPoint, entities.Queues.Count, entities.Topics.Count);
            if (options.AdminPort is { } port)
            {
                administration = new EntityAdministration(entities, journal, options.MaxMessageBytes / 1024);
                admin = await AdministerAsync(options, port, administration, context, listener, cancellationToken).ConfigureAwait(false);
                BrokerLog.AdminStarted(logger, admin.Port);
            }

            return new ServiceBusEmulator(
                entities, namespaces, durable, listener, metrics, administration, admin, logger, options.AdvertisedAmqpPort,
                bound => Connect(options, bound));
        }
        catch
        {
            if (listener is not null) await listener.DisposeAsync().ConfigureAwait(false);
            administration?.Dispose();
            metrics?.Dispose();
            namespaces?.Dispose();
            await CloseAsync(entities, durable).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Entities with their counts, for status pages and tests.</summary>
    public NamespaceSnapshot Snapshot() => NamespaceSnapshot.Of(_entities, _listener.ConnectionCount);

    /// <summary>The same of the namespace of a key name; null when nobody has come with it.</summary>
    public NamespaceSnapshot? Snapshot(string keyName) =>
        _namespaces?.Find(keyName) is { } entities ? NamespaceSnapshot.Of(entities, _listener.ConnectionCount) : null;

    /// <summary>
    /// Closes every connection with amqp:connection:forced and frees the port; without a state folder, what the entities held is gone.
    /// Later calls do nothing.
    /// </summary>
    /// <param name="cancellationToken">Drops connections that do not close in time.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1) return;
        await _listener.StopAsync(null, cancellationToken).ConfigureAwait(false);
        await FreeAsync().ConfigureAwait(false);
        BrokerLog.Stopped(_logger, AmqpEndpoint);
    }

    /// <summary>Stops, dropping what does not close within the close timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1) return;
        await FreeAsync().ConfigureAwait(false);
        BrokerLog.Stopped(_logger, AmqpEndpoint);
    }

    internal static (NamespaceEntities Entities, SqliteJournal? Journal) Open(ServiceBusEmulatorOptions options, ILogger logger)
    {
        if (options.StateFolder is not { } folder)
        {
            return (InMemory(options), null);
        }

        NamespaceEntities? entities = null;
        NamespaceRecovery? recovery = null;
        TopologyMerge? merge = null;
        try
        {
            var journal = SqliteJournal.Open(
                folder,
                (opened, definitions) =>
                {
                    merge = new TopologyMerge(DefinitionCodec.Instance, definitions, options.TimeProvider.GetUtcNow());
                    entities = new NamespaceEntities(
                        merge.Merge(options.Topology),
                        options.TimeProvider,
                        MessageCodec.Instance,
                        opened,
                        DefinitionCodec.Instance,
                        merge);
                    return recovery = new NamespaceRecovery(entities);
                },
                options.Window ?? ContentWindow.Default,
                logger);
            recovery!.Complete();
            BrokerLog.Recovered(logger, recovery.Messages, folder);
            foreach (var (path, messages) in recovery.Undeclared)
            {
                BrokerLog.Undeclared(logger, path, messages);
            }

            foreach (var (path, reason) in entities!.Withheld)
            {
                BrokerLog.Withheld(logger, path, reason);
            }

            foreach (var path in merge!.Ignored)
            {
                BrokerLog.DefinitionIgnored(logger, path);
            }

            return (entities!, journal);
        }
        catch
        {
            entities?.Dispose();
            throw;
        }
        finally
        {
            recovery?.Dispose();
        }
    }

    private static async Task<AdminHost> AdministerAsync(
        ServiceBusEmulatorOptions options, int port, EntityAdministration administration, BrokerContext context, AmqpListener listener, CancellationToken cancellationToken)
    {
        var profile = new NamespaceProfile(options.Topology.Name, options.TimeProvider.GetUtcNow(), options.MaxMessageBytes / 1024);
        var requests = new AdminRequests(
            administration, new AdminAuthorisation(context.Tokens), profile, context.Counters, options.TimeProvider);
        var rates = new RateWindow(context.Counters, context.TransportTime);
        var surface = new AdminSurface(requests, new AmqpWebSocket(listener, options.MaxConnections), context.Journal, () => StatusReport.Of(
            profile, context.Entities, listener.ConnectionCount, !context.Journal.IsFailing, context.Counters.Totals(), rates, options.TimeProvider.GetUtcNow()));
        string[] hosts = [.. options.HostNames];
        var certificate = AdminCertificate.Open(options.StateFolder, hosts, TimeProvider.System.GetUtcNow());
        return await AdminHost.ListenAsync(
            new IPEndPoint(options.Address, port), new LocalCallers(options.Address, hosts), certificate, rates, options.MaxConnections, listener, options.LoggerFactory,
            surface.HandleAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>AMQP first: its connections over WebSockets are requests of the admin port, which waits for those.</summary>
    private async Task FreeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        if (_admin is not null) await _admin.DisposeAsync().ConfigureAwait(false);
        _administration?.Dispose();
        _metrics.Dispose();
        _namespaces?.Dispose();
        await CloseAsync(_entities, _journal).ConfigureAwait(false);
    }

    private static async Task CloseAsync(NamespaceEntities entities, SqliteJournal? journal)
    {
        entities.Dispose();
        if (journal is not null) await journal.DisposeAsync().ConfigureAwait(false);
    }

    private static void Check(ServiceBusEmulatorOptions options)
    {
        var faults = new List<string>(options.Topology.ValidateWhole());
        if (options.AmqpPort is < 0 or > ushort.MaxValue) Fault("AmqpPort", "0 to 65535", options.AmqpPort);
        if (options.AdminPort is < 0 or > ushort.MaxValue) Fault("AdminPort", "0 to 65535, or null for none", options.AdminPort);
        if (options.MaxMessageBytes is < MinMessageBytes or > MaxMessageBytes)
        {
            Fault("MaxMessageBytes", "1024 to 104857600", options.MaxMessageBytes);
        }

        if (options.MaxConnections < 1) Fault("MaxConnections", "1 or more", options.MaxConnections);
        if (options.HandshakeTimeout < TimeSpan.FromSeconds(1) || options.HandshakeTimeout > TimeSpan.FromMinutes(5))
        {
            Fault("HandshakeTimeout", "00:00:01 to 00:05:00", options.HandshakeTimeout);
        }

        foreach (var host in options.HostNames)
        {
            if (Uri.CheckHostName(host) != UriHostNameType.Dns)
            {
                Fault("HostNames", "host names such as servicebus, without port", $"\"{host}\"");
            }
        }

        if (options.StateFolder is { Length: 0 }) Fault("StateFolder", "a folder, or null for memory only", "an empty text");
        if (options is { NamespacePerKeyName: true, SharedAccessKeys: not null })
        {
            Fault("NamespacePerKeyName", "no SharedAccessKeys beside it", "some");
        }

        if (options.SharedAccessKeys is { Count: 0 }) Fault("SharedAccessKeys", "at least one key, or null for open mode", "none");
        if (faults.Count == 0) return;
        throw new ArgumentException(
            "The emulator cannot be started:" + Environment.NewLine + string.Join(Environment.NewLine, faults), nameof(options));

        void Fault(string name, string expected, object came) =>
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: expected {expected}, got {came}"));
    }

    private static AmqpListenerOptions ListenerOptions(ServiceBusEmulatorOptions options) => new()
    {
        MaxConnections = options.MaxConnections,
        Connection = new AmqpConnectionOptions
        {
            ContainerId = "relay-servicebus-emulator",
            MaxMessageSize = options.MaxMessageBytes,
            MaxUnfinishedBytes = Math.Max(new AmqpConnectionOptions().MaxUnfinishedBytes, 2L * options.MaxMessageBytes),
            HandshakeTimeout = options.HandshakeTimeout,
            LoggerFactory = options.LoggerFactory,
        },
    };

    private static NamespaceEntities InMemory(ServiceBusEmulatorOptions options) =>
        new(options.Topology, options.TimeProvider, MessageCodec.Instance, MemoryJournal.Instance);

    private static string Connect(ServiceBusEmulatorOptions options, int port)
    {
        var host = HostOf(options);
        var (name, key) = options.SharedAccessKeys?.FirstOrDefault() ?? new KeyValuePair<string, string>(DefaultKeyName, DefaultKey);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Endpoint=sb://{host}:{port};SharedAccessKeyName={name};SharedAccessKey={key};UseDevelopmentEmulator=true;");
    }

    /// <summary>What clients call it: the name it was told of, or localhost where that leads here, or its address.</summary>
    private static string HostOf(ServiceBusEmulatorOptions options)
    {
        if (options.HostNames is [var name, ..]) return name;
        IPAddress[] local = [IPAddress.Loopback, IPAddress.Any, IPAddress.IPv6Any];
        if (local.Contains(options.Address)) return "localhost";
        return options.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{options.Address}]"
            : options.Address.ToString();
    }
}
