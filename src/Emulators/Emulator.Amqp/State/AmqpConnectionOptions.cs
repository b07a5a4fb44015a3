using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>Local parameters and limits of a connection, either end. Not to be changed once a connection uses it.</summary>
public sealed record AmqpConnectionOptions
{
    /// <summary>Our container-id.</summary>
    public string ContainerId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Host name sent in open by a client, without port; null sends none.</summary>
    public string? HostName { get; init; }

    /// <summary>Connection properties sent in open; null sends none.</summary>
    public AmqpMap? Properties { get; init; }

    /// <summary>Largest frame accepted, 512 to 1,048,576 bytes. Default 65,536.</summary>
    public uint MaxFrameSize { get; init; } = 65536;

    /// <summary>Highest channel: one less than the sessions at once. Default 4,999.</summary>
    public ushort ChannelMax { get; init; } = 4999;

    /// <summary>Highest handle: one less than the links at once on a session. Default 255.</summary>
    public uint HandleMax { get; init; } = 255;

    /// <summary>Transfer frames a session's peer may send before we re-open the window. Default 5,000.</summary>
    public uint IncomingWindow { get; init; } = 5000;

    /// <summary>
    /// Largest message accepted in bytes where a link does not say; a larger one is
    /// read past and rejected with amqp:link:message-size-exceeded. Default 1 MiB.
    /// </summary>
    public long MaxMessageSize { get; init; } = 1024 * 1024;

    /// <summary>
    /// Bytes of one message over the limit that are read past, not kept, before
    /// its link is detached instead; zero detaches at once. Default 128 MiB.
    /// </summary>
    public long MaxDiscardedBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Bytes of unfinished multi-frame deliveries held at once for the connection. Default 8 MiB.</summary>
    public long MaxUnfinishedBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of begin and attach frames of live sessions and links. Default 4 MiB.</summary>
    public long MaxLinkStateBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Unsettled deliveries per session and direction. Default 8,192.</summary>
    public int MaxUnsettledDeliveries { get; init; } = 8192;

    /// <summary>Output waiting for the peer to read above which <c>SendingLink.TrySend</c> says Congested. Default 1 MiB.</summary>
    public int OutputHighWaterBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Silence tolerated from the peer, sent as idle-time-out; a peer silent for
    /// twice this is closed. Zero is none, else at least 5 s. Default 120 s.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Upper bound on our own silence; the peer's idle-time-out halved counts when shorter. Default 15 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From connect to the peer's open. Default 20 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A write the peer does not take for this long ends the connection. Default 60 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From our close to the peer's, after which the transport is dropped. Default 5 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// SASL mechanisms a server offers, in this order. A client picks the first it knows. Default MSSBCBS, PLAIN, ANONYMOUS, EXTERNAL.
    /// </summary>
    public IReadOnlyList<AmqpSymbol> SaslMechanisms { get; init; } = [new("MSSBCBS"), new("PLAIN"), new("ANONYMOUS"), new("EXTERNAL")];

    /// <summary>Clock of timeouts and heartbeats.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the connection logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
