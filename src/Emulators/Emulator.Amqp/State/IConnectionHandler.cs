using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>
/// What the owner of a connection does with its events. Every member is called
/// on the connection's read loop, one at a time and in wire order, with no lock
/// held, so that it may call anything of this library. It must not block: the loop reads
/// nothing until it returns. An exception closes the connection with amqp:internal-error.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>
    /// Judges the client's SASL init (server side); anything but <see cref="SaslCode.Ok"/> is answered and closes the connection.
    /// </summary>
    SaslCode OnSasl(AmqpConnection connection, SaslInit init) => SaslCode.Ok;

    /// <summary>The peer's open arrived (<see cref="AmqpConnection.RemoteOpen"/>). An error returned is sent as open then close.</summary>
    AmqpError? OnOpen(AmqpConnection connection) => null;

    /// <summary>A session began: the peer's begin was answered, or ours was.</summary>
    void OnSessionBegin(AmqpSession session)
    {
    }

    /// <summary>The session is over; its links were told first. Called once per session, also when the connection is lost.</summary>
    /// <param name="session">The session.</param>
    /// <param name="error">The error of the side that ended it; null for an orderly end.</param>
    void OnSessionEnd(AmqpSession session, AmqpError? error)
    {
    }

    /// <summary>The peer wants a link. Accept or refuse now or later, from any thread.</summary>
    void OnAttach(AttachRequest request);

    /// <summary>A request not yet answered is void: the peer detached, its session ended or the connection was lost.</summary>
    void OnAttachAbandoned(AttachRequest request)
    {
    }

    /// <summary>
    /// The connection is over; sessions and links were told first. Called once, and also when the handshake never finished.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="error">The error of the side that closed it, or what the transport met; null for an orderly close.</param>
    void OnClosed(AmqpConnection connection, AmqpError? error)
    {
    }
}
