namespace Emulator.ServiceBus.Topology;

/// <summary>What an entity is.</summary>
public enum EntityKind
{
    /// <summary>A queue.</summary>
    Queue,

    /// <summary>A topic.</summary>
    Topic,

    /// <summary>A subscription of a topic.</summary>
    Subscription,
}
