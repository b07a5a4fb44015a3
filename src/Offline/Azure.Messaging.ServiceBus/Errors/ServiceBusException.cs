#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>An operation on Service Bus failed; <see cref="Reason"/> says why.</summary>
public class ServiceBusException : Exception
{
    /// <summary>A failure without any detail.</summary>
    public ServiceBusException()
    {
    }

    /// <summary>A failure whose transience is stated.</summary>
    /// <param name="isTransient">Whether trying again may help.</param>
    /// <param name="message">What happened.</param>
    /// <param name="entityName">Path of the entity, or null.</param>
    /// <param name="reason">Why.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ServiceBusException(bool isTransient, string message, string entityName = null,
        ServiceBusFailureReason reason = ServiceBusFailureReason.GeneralError, Exception innerException = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EntityPath = entityName;
        Reason = reason;
    }

    /// <summary>A failure whose transience follows from its reason: busy, timeout and communication problems are transient.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="reason">Why.</param>
    /// <param name="entityPath">Path of the entity, or null.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ServiceBusException(string message, ServiceBusFailureReason reason, string entityPath = null, Exception innerException = null)
        : this(IsTransientReason(reason), message, entityPath, reason, innerException)
    {
    }

    /// <summary>Whether trying again may help.</summary>
    public bool IsTransient { get; }

    /// <summary>Why the operation failed.</summary>
    public ServiceBusFailureReason Reason { get; }

    /// <summary>Path of the entity concerned; null when unknown.</summary>
    public string EntityPath { get; }

    /// <inheritdoc/>
    public override string Message => EntityPath is null ? $"{base.Message} ({Reason})" : $"{base.Message} ({Reason} - {EntityPath})";

    private static bool IsTransientReason(ServiceBusFailureReason reason) => reason
        is ServiceBusFailureReason.ServiceBusy
        or ServiceBusFailureReason.ServiceTimeout
        or ServiceBusFailureReason.ServiceCommunicationProblem;
}
