namespace Emulator.ServiceBus.Topology;

/// <summary>What administration clients set and read back and, unless said otherwise, the broker does not act on.</summary>
public sealed record EntityExtras
{
    /// <summary>As after a create that sets nothing.</summary>
    public static EntityExtras Default { get; } = new();

    /// <summary>Free text of at most 1024 characters, or null.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>
    /// Idle time after which the cloud deletes the entity: 5 min or more, default never (<see cref="TimeSpan.MaxValue"/>).
    /// </summary>
    public TimeSpan AutoDeleteOnIdle { get; init; } = TimeSpan.MaxValue;

    /// <summary>Default true.</summary>
    public bool EnableBatchedOperations { get; init; } = true;

    /// <summary>Fixed when the entity is created. Default false.</summary>
    public bool EnablePartitioning { get; init; }

    /// <summary>Queues and topics. Default false.</summary>
    public bool EnableExpress { get; init; }

    /// <summary>Topics. Default false.</summary>
    public bool SupportOrdering { get; init; }

    /// <summary>Queues and topics: largest message in KiB, at most the namespace's; null for that. Acted on.</summary>
    public long? MaxMessageSizeInKilobytes { get; init; }

    /// <summary>
    /// Queues and topics: the authorization rules as the client wrote them (XML), or null. Keys of rules do not open anything here.
    /// </summary>
    public string? AuthorizationRules { get; init; }
}
