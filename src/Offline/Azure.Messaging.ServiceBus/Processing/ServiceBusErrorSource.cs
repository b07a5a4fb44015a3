namespace Azure.Messaging.ServiceBus;

/// <summary>What a processor was doing when it failed.</summary>
public enum ServiceBusErrorSource
{
    /// <summary>Completing a message after its handler returned.</summary>
    Complete = 0,

    /// <summary>Abandoning a message after its handler threw.</summary>
    Abandon = 1,

    /// <summary>The message handler itself threw.</summary>
    ProcessMessageCallback = 2,

    /// <summary>Receiving.</summary>
    Receive = 3,

    /// <summary>Renewing a lock.</summary>
    RenewLock = 4,

    /// <summary>Accepting a session.</summary>
    AcceptSession = 5,

    /// <summary>Closing a session.</summary>
    CloseSession = 6,
}
