using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus;

/// <summary>How an emulator runs. Read once, at start.</summary>
public sealed class ServiceBusEmulatorOptions
{
    /// <summary>Address to listen on. Default loopback: the emulator has no TLS and, by default, accepts any key.</summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>
    /// Names besides <c>localhost</c> by which clients reach it, such as a container's: without port. The admin port answers requests for
    /// loopback names and these only (and, where <see cref="Address"/> is no loopback address, for addresses); connection strings say the
    /// first. Default none.
    /// </summary>
    public IReadOnlyList<string> HostNames { get; set; } = [];

    /// <summary>Port of plain AMQP, 0 to 65535; 0 takes a free one. Default 5672.</summary>
    public int AmqpPort { get; set; } = 5672;

    /// <summary>
    /// Port that <see cref="ServiceBusEmulator.ConnectionString"/> names, where clients reach the emulator by something in front of it;
    /// null, the default, for its own.
    /// </summary>
    public int? AdvertisedAmqpPort { get; set; }

    /// <summary>
    /// Asked once for each message or batch that is sent, each link on an entity and each request of its management: true has it refused
    /// as by a namespace that is being throttled, <c>com.microsoft:server-busy</c>. Null, the default, for none.
    /// </summary>
    public Func<bool>? IsBusy { get; set; }

    /// <summary>
    /// Port of administration (ATOM), health, status and AMQP over WebSockets, HTTP and HTTPS on one: 0 takes a free one, null, the
    /// default, opens none. The official emulator's is <see cref="ServiceBusEmulator.DefaultAdminPort"/>.
    /// </summary>
    public int? AdminPort { get; set; }

    /// <summary>Entities to serve. Default none.</summary>
    public NamespaceTopology Topology { get; set; } = new();

    /// <summary>
    /// Folder, made when absent, of a journal that keeps messages, session states and duplicate histories over restarts and crashes; null,
    /// the default, keeps them in memory only. One emulator at a time. Entities come from <see cref="Topology"/> at every start, and as
    /// they were created, changed and deleted at run time: such a change of a declared entity holds as long as its declaration stays the
    /// same.
    /// </summary>
    public string? StateFolder { get; set; }

    /// <summary>
    /// Clock of locks, expiry, schedules and duplicate windows. Connections keep real time, so that moving this clock does not drop them.
    /// </summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the emulator logs. Default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Key by name for strict token checks (signature, expiry, audience); null, the default, accepts any well-formed token.
    /// </summary>
    public IReadOnlyDictionary<string, string>? SharedAccessKeys { get; set; }

    /// <summary>
    /// Whether a connection whose tokens are of another key name than <see cref="ServiceBusEmulator.DefaultKeyName"/> is in a namespace
    /// of that name's own: the entities of <see cref="Topology"/> anew, in memory, made when the name first comes; at most 1,000 of them.
    /// For tests that share an emulator. Not with <see cref="SharedAccessKeys"/>; administration sees the emulator's own namespace alone.
    /// Default not.
    /// </summary>
    public bool NamespacePerKeyName { get; set; }

    /// <summary>
    /// Largest message or batch in bytes, 1 KiB to 100 MiB; an entity may set less. Default 256 KiB, as in the Standard tier; Premium
    /// begins with 1 MiB.
    /// </summary>
    public int MaxMessageBytes { get; set; } = 256 * 1024;

    /// <summary>AMQP connections at once, 1 or more; further ones are dropped when accepted. Default 20,000.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>From connect to the peer's open: 1 s to 5 min. Default 20 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What of the contents stays in memory besides a journal; null is the default. For tests.</summary>
    internal ContentWindow? Window { get; set; }
}
