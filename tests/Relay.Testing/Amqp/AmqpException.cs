using Emulator.Amqp.Framing;

namespace Relay.Testing.Amqp;

/// <summary>The peer ended a link, session or connection, or refused one. Carries its error.</summary>
public sealed class AmqpException : Exception
{
    /// <summary>Makes one of an error.</summary>
    public AmqpException(AmqpError error, Exception? innerException = null)
        : base((error ?? throw new ArgumentNullException(nameof(error))).ToString(), innerException) => Error = error;

    /// <summary>The peer's error. A link ended without one has amqp:link:detach-forced, a lost connection amqp:connection:forced.</summary>
    public AmqpError Error { get; }
}
