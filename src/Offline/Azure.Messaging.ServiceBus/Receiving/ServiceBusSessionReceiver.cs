#nullable disable annotations
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives the messages of one session, which it holds until it is closed, or its link or its lock is lost; then it is of no more use.</summary>
public class ServiceBusSessionReceiver : ServiceBusReceiver
{
    private readonly EntityReceiver _session;

    /// <summary>For subclasses that stand in for a receiver in tests.</summary>
    protected ServiceBusSessionReceiver()
    {
    }

    private ServiceBusSessionReceiver(ServiceBusClient client, string entityPath, string identifier, ServiceBusSessionReceiverOptions options, EntityReceiver session)
        : base(client, entityPath, identifier, options.PrefetchCount, options.ReceiveMode, session) => _session = session;

    /// <summary>The session.</summary>
    public virtual string SessionId => _session.SessionId;

    /// <summary>When its lock ends, as it was last renewed.</summary>
    public virtual DateTimeOffset SessionLockedUntil => _session.SessionLockedUntil;

    /// <summary>Whether it was closed, or its session is lost.</summary>
    public override bool IsClosed => base.IsClosed || !_session.IsOpen;

    /// <summary>Renews the lock on the session and moves <see cref="SessionLockedUntil"/>.</summary>
    /// <exception cref="ServiceBusException">With SessionLockLost when the lock is no longer ours.</exception>
    public virtual Task RenewSessionLockAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _session.RenewSessionLockAsync(cancellationToken);
    }

    /// <summary>Reads the state of the session.</summary>
    /// <returns>Null when it has none.</returns>
    /// <exception cref="ServiceBusException">With SessionLockLost when the lock is no longer ours.</exception>
    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var state = await _session.GetSessionStateAsync(cancellationToken).ConfigureAwait(false);
        return state is { } bytes ? BinaryData.FromBytes(bytes) : null;
    }

    /// <summary>Sets the state of the session; null clears it.</summary>
    /// <exception cref="ServiceBusException">With SessionLockLost when the lock is no longer ours.</exception>
    public virtual Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _session.SetSessionStateAsync(sessionState?.ToMemory(), cancellationToken);
    }

    /// <summary>Not for sessions: the lock is the session's.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("Cannot renew a message lock on a session receiver: renew the session lock.");

    internal static async Task<ServiceBusSessionReceiver> AcceptAsync(ServiceBusClient client, string entityPath, string sessionId, ServiceBusSessionReceiverOptions options,
        CancellationToken cancellationToken)
    {
        var identifier = Identifiers.Choose(options.Identifier, entityPath);
        var session = await EntityReceiver.AcceptSessionAsync(client.Scope, entityPath, identifier, options.ReceiveMode, (uint)options.PrefetchCount, sessionId, cancellationToken)
            .ConfigureAwait(false);
        return new ServiceBusSessionReceiver(client, entityPath, identifier, options, session);
    }
}
