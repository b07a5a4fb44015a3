namespace Emulator.ServiceBus.Topology;

/// <summary>Settings of one queue. Checked when the topology is used; see <see cref="NamespaceTopology.Validate"/>.</summary>
public sealed record QueueSettings
{
    /// <summary>
    /// Entity path: 1 to 260 characters of letters, digits, <c>. - _ ~ /</c>, starting with a letter or digit, not ending with a slash.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>How long a delivery stays locked: 5 s to 5 min, default 1 min.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Deliveries before a message is dead-lettered: 1 to 2000, default 10.</summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>Upper bound of every message's time to live: 1 s or more, default unlimited (<see cref="TimeSpan.MaxValue"/>).</summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether an expired message goes to the dead-letter queue rather than away. Default false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Whether a message whose id was seen within the window is accepted and dropped. Default false.</summary>
    public bool RequiresDuplicateDetection { get; init; }

    /// <summary>How long ids are remembered: 5 s to 7 days, default 10 min.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether every message belongs to a session. Default false.</summary>
    public bool RequiresSession { get; init; }

    /// <summary>Queue or topic that messages move on to, or null. A path, or an address with one. Not together with sessions.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Queue or topic that dead-lettered messages move on to, or null. A path, or an address with one.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }

    /// <summary>Quota over everything the entity holds, dead-letter queue included: 1 to 81920 MiB, default 1024.</summary>
    public int MaxSizeInMegabytes { get; init; } = 1024;

    /// <summary>Which directions are open. Default both.</summary>
    public EntityStatus Status { get; init; }

    /// <summary>What is kept for administration clients and not acted on.</summary>
    public EntityExtras Extras { get; init; } = EntityExtras.Default;
}
