namespace Azure.Messaging.ServiceBus;

/// <summary>Why an operation failed.</summary>
public enum ServiceBusFailureReason
{
    /// <summary>None of the others.</summary>
    GeneralError = 0,

    /// <summary>There is no such queue, topic or subscription.</summary>
    MessagingEntityNotFound = 1,

    /// <summary>The lock on the message has run out or was taken away: the message will be, or has been, delivered again.</summary>
    MessageLockLost = 2,

    /// <summary>No message with that sequence number is in the state asked for.</summary>
    MessageNotFound = 3,

    /// <summary>The message is larger than the link allows.</summary>
    MessageSizeExceeded = 4,

    /// <summary>The entity is disabled for this use.</summary>
    MessagingEntityDisabled = 5,

    /// <summary>The entity is full, or another quota of the namespace is used up.</summary>
    QuotaExceeded = 6,

    /// <summary>The service asked to be left alone for a while. Transient.</summary>
    ServiceBusy = 7,

    /// <summary>The service did not answer in time; the operation may or may not have happened. Transient.</summary>
    ServiceTimeout = 8,

    /// <summary>The service could not be reached or the connection broke. Transient.</summary>
    ServiceCommunicationProblem = 9,

    /// <summary>The session is locked by another receiver.</summary>
    SessionCannotBeLocked = 10,

    /// <summary>The lock on the session has run out or its link is gone.</summary>
    SessionLockLost = 11,

    /// <summary>An entity of that name exists already.</summary>
    MessagingEntityAlreadyExists = 12,
}
