#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>A session that begins or ends to be processed, and what may be done with it.</summary>
public class ProcessSessionEventArgs : EventArgs
{
    private readonly ServiceBusSessionReceiver _receiver;
    private readonly Action _release;

    /// <inheritdoc cref="ProcessSessionEventArgs(ServiceBusSessionReceiver, string, CancellationToken)"/>
    public ProcessSessionEventArgs(ServiceBusSessionReceiver receiver, CancellationToken cancellationToken)
        : this(receiver, null, cancellationToken)
    {
    }

    /// <summary>Arguments for a handler.</summary>
    public ProcessSessionEventArgs(ServiceBusSessionReceiver receiver, string identifier, CancellationToken cancellationToken)
        : this(receiver, identifier, null, cancellationToken)
    {
    }

    internal ProcessSessionEventArgs(ServiceBusSessionReceiver receiver, string identifier, Action release, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        _release = release;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    /// <summary>Signalled when the processor is being stopped.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Path of the entity.</summary>
    public string EntityPath => _receiver.EntityPath;

    /// <summary>Host of the namespace.</summary>
    public string FullyQualifiedNamespace => _receiver.FullyQualifiedNamespace;

    /// <summary>Name of the processor.</summary>
    public string Identifier { get; }

    /// <summary>The session.</summary>
    public string SessionId => _receiver.SessionId;

    /// <summary>When its lock ends.</summary>
    public DateTimeOffset SessionLockedUntil => _receiver.SessionLockedUntil;

    /// <inheritdoc cref="ServiceBusSessionReceiver.GetSessionStateAsync"/>
    public virtual Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default) => _receiver.GetSessionStateAsync(cancellationToken);

    /// <inheritdoc cref="ServiceBusSessionReceiver.SetSessionStateAsync"/>
    public virtual Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) =>
        _receiver.SetSessionStateAsync(sessionState, cancellationToken);

    /// <inheritdoc cref="ServiceBusSessionReceiver.RenewSessionLockAsync"/>
    public virtual Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => _receiver.RenewSessionLockAsync(cancellationToken);

    /// <summary>Has the processor let the session go once the handlers under way are done.</summary>
    public virtual void ReleaseSession() => _release?.Invoke();
}
