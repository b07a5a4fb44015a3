using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Local.Chaos;
using Relay.Local.Topology;
using Relay.Protocol.Keys;

namespace Relay.Local;

/// <summary>What a local stack is started with. Everything listens on loopback only.</summary>
public sealed record LocalStackOptions
{
    /// <summary>
    /// Folder that keeps keys, the vault's certificate, directory documents and <see cref="LocalEndpoints"/>; made when absent.
    /// </summary>
    public required string StateFolder { get; init; }

    /// <summary>AMQP port of the Service Bus emulator; 0 takes a free one.</summary>
    public int AmqpPort { get; init; } = 5672;

    /// <summary>
    /// Port of the Service Bus emulator's administration, status page and AMQP
    /// over WebSockets; 0 takes a free one, null, the default, opens none.
    /// </summary>
    public int? AdminPort { get; init; }

    /// <summary>
    /// HTTPS port of the Key Vault emulator, kept in the state folder because keys are named by it
    /// (<see cref="Local.VaultPort"/>): null, the default, takes the folder's, or 8443 in a new one;
    /// 0 the folder's, or a free one in a new one; any other has to be the folder's.
    /// </summary>
    public int? VaultPort { get; init; }

    /// <summary>HTTP port of the function app; 0 takes a free one.</summary>
    public int HttpPort { get; init; } = 7071;

    /// <summary>HTTPS port of the function app, for callers with a client certificate; 0 takes a free one.</summary>
    public int HttpsPort { get; init; } = 7443;

    /// <summary>Folder of the built function app, with its <c>host.json</c>. Default: <see cref="LocalWorker.DefaultFolder"/>.</summary>
    public string WorkerFolder { get; init; } = LocalWorker.DefaultFolder;

    /// <summary>A <c>local.settings.json</c> of the user's, or null.</summary>
    public string? LocalSettingsPath { get; init; }

    /// <summary>
    /// Queues, topics and keys that are made, and who takes part in the seeded negotiation with which weights and quorum. Default
    /// <see cref="LocalTopology.Default"/>; another cast is that one <c>with</c> other delegations, mediators or quorum.
    /// </summary>
    public RelayTopology Topology { get; init; } = LocalTopology.Default;

    /// <summary>Name of the seeded negotiation.</summary>
    public string Negotiation { get; init; } = "doha-2026";

    /// <summary>
    /// Kind of the encryption keys that are made for the seeded delegations: <see cref="JwkKind.P256"/>, the default, or
    /// <see cref="JwkKind.MlKem768P256"/>. Those that are in the state folder stay what they are.
    /// </summary>
    public JwkKind EncryptionKind { get; init; } = JwkKind.P256;

    /// <summary>
    /// Whether the stack can be disturbed by command (<see cref="ChaosControl"/>): bus, vault, ledger, directory and clocks. Then bus and
    /// vault are reached through a port that can be shut, and dependencies are probed as deployed. Default not.
    /// </summary>
    public bool CanBeDisturbed { get; init; }

    /// <summary>HTTP port on which commands are taken, when there are any; 0, the default, takes a free one.</summary>
    public int ChaosPort { get; init; }

    /// <summary>Clock of every part but the function app, which is a process of its own and has the machine's, as its host has.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// What is done beside the start of the function app, which takes longest: bus, vault and the seeded negotiation are there, its own
    /// addresses are not. The stack has started when both are done. Default nothing.
    /// </summary>
    public Func<LocalEndpoints, CancellationToken, Task>? BesideAppStart { get; init; }

    /// <summary>Where every part logs.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    internal static IPAddress Address => IPAddress.Loopback;
}
