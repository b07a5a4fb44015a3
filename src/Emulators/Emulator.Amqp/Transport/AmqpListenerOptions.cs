using Emulator.Amqp.State;

namespace Emulator.Amqp.Transport;

/// <summary>How a listener serves.</summary>
public sealed record AmqpListenerOptions
{
    /// <summary>Parameters and limits of each connection.</summary>
    public AmqpConnectionOptions Connection { get; init; } = new();

    /// <summary>
    /// Turns an accepted TCP stream into the one AMQP runs on, for instance by
    /// a TLS handshake, within the handshake timeout. Null uses it as it is.
    /// </summary>
    public Func<Stream, CancellationToken, ValueTask<Stream>>? Wrap { get; init; }

    /// <summary>Connections at once; further ones are dropped when accepted. Default 20,000.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>Length of the operating system's accept queue. Default 1,024.</summary>
    public int Backlog { get; init; } = 1024;
}
