namespace Azure.Messaging.ServiceBus;

/// <summary>Which queue of an entity is meant.</summary>
public enum SubQueue
{
    /// <summary>The entity itself.</summary>
    None = 0,

    /// <summary>Its dead-letter queue.</summary>
    DeadLetter = 1,

    /// <summary>The dead-letter queue of failed transfers.</summary>
    TransferDeadLetter = 2,
}
