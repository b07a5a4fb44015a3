namespace Azure.Messaging.ServiceBus;

/// <summary>What receiving does to a message.</summary>
public enum ServiceBusReceiveMode
{
    /// <summary>It is locked for this receiver until settled or the lock runs out.</summary>
    PeekLock = 0,

    /// <summary>It is gone from the entity as soon as it is sent: at most once.</summary>
    ReceiveAndDelete = 1,
}
