#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>The lock on a session was lost while a handler ran.</summary>
public class SessionLockLostEventArgs : EventArgs
{
    /// <summary>Describes the loss.</summary>
    public SessionLockLostEventArgs(ServiceBusReceivedMessage message, DateTimeOffset sessionLockedUntil, Exception exception)
    {
        Message = message;
        SessionLockedUntil = sessionLockedUntil;
        Exception = exception;
    }

    /// <summary>The message that was being handled.</summary>
    public ServiceBusReceivedMessage Message { get; }

    /// <summary>When the lock ended.</summary>
    public DateTimeOffset SessionLockedUntil { get; }

    /// <summary>How the loss was noticed; null when the lock simply ran out.</summary>
    public Exception Exception { get; }
}
