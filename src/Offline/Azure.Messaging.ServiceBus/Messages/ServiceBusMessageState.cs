namespace Azure.Messaging.ServiceBus;

/// <summary>Where in its life a message is. A locked one is still <see cref="Active"/>.</summary>
public enum ServiceBusMessageState
{
    /// <summary>Ready to be received.</summary>
    Active = 0,

    /// <summary>Set aside: received by its sequence number only.</summary>
    Deferred = 1,

    /// <summary>Not yet due.</summary>
    Scheduled = 2,
}
