namespace Emulator.ServiceBus.Topology;

/// <summary>Settings of one topic and its subscriptions.</summary>
public sealed record TopicSettings
{
    /// <summary>Entity path, as <see cref="QueueSettings.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Upper bound of every message's time to live: 1 s or more, default unlimited.</summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether a message whose id was seen within the window is accepted and dropped. Default false.</summary>
    public bool RequiresDuplicateDetection { get; init; }

    /// <summary>How long ids are remembered: 5 s to 7 days, default 10 min.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Quota over everything the topic and its subscriptions hold: 1 to 81920 MiB, default 1024.</summary>
    public int MaxSizeInMegabytes { get; init; } = 1024;

    /// <summary>Which directions are open. Default both.</summary>
    public EntityStatus Status { get; init; }

    /// <summary>What is kept for administration clients and not acted on.</summary>
    public EntityExtras Extras { get; init; } = EntityExtras.Default;

    /// <summary>Subscriptions in declared order; none is allowed (messages then go nowhere).</summary>
    public IReadOnlyList<SubscriptionSettings> Subscriptions { get; init; } = [];
}
