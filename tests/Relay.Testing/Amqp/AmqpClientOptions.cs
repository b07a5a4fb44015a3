using System.Net.Security;
using Emulator.Amqp.State;

namespace Relay.Testing.Amqp;

/// <summary>Where and how a client connects.</summary>
public sealed record AmqpClientOptions
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port; 5671 for TLS and 5672 for plain by custom.</summary>
    public required int Port { get; init; }

    /// <summary>
    /// TLS parameters; null is plain TCP. <see cref="SslClientAuthenticationOptions.TargetHost"/> defaults to <see cref="Host"/>.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>User and password for SASL PLAIN; null picks MSSBCBS or ANONYMOUS.</summary>
    public (string User, string Password)? Plain { get; init; }

    /// <summary>
    /// Parameters and limits. A null HostName is sent as <see cref="Host"/>; HandshakeTimeout covers connect, TLS, SASL and open.
    /// </summary>
    public AmqpConnectionOptions Connection { get; init; } = new() { ChannelMax = 8191, IdleTimeout = TimeSpan.FromSeconds(60) };
}
