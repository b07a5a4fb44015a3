#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>The lock on a message was lost while its handler ran.</summary>
public class MessageLockLostEventArgs
{
    /// <summary>Describes the loss.</summary>
    public MessageLockLostEventArgs(ServiceBusReceivedMessage message, Exception exception)
    {
        Message = message;
        Exception = exception;
    }

    /// <summary>The message.</summary>
    public ServiceBusReceivedMessage Message { get; }

    /// <summary>How the loss was noticed; null when the lock simply ran out.</summary>
    public Exception Exception { get; }
}
