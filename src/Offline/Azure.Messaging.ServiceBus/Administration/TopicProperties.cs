#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Settings of a topic.</summary>
public class TopicProperties
{
    internal TopicProperties(string name) => Name = name;

    internal TopicProperties(CreateTopicOptions options)
        : this(options.Name)
    {
        MaxSizeInMegabytes = options.MaxSizeInMegabytes;
        RequiresDuplicateDetection = options.RequiresDuplicateDetection;
        DefaultMessageTimeToLive = options.DefaultMessageTimeToLive;
        AutoDeleteOnIdle = options.AutoDeleteOnIdle;
        DuplicateDetectionHistoryTimeWindow = options.DuplicateDetectionHistoryTimeWindow;
        EnableBatchedOperations = options.EnableBatchedOperations;
        Status = options.Status;
        EnablePartitioning = options.EnablePartitioning;
        UserMetadata = options.UserMetadata;
        MaxMessageSizeInKilobytes = options.MaxMessageSizeInKilobytes;
        SupportOrdering = options.SupportOrdering;
    }

    /// <summary>Path of the topic.</summary>
    public string Name { get; set; }

    /// <summary>Quota in MiB; default 1024.</summary>
    public long MaxSizeInMegabytes { get; set; } = 1024;

    /// <summary>Whether a message whose id was seen within the window is accepted and dropped.</summary>
    public bool RequiresDuplicateDetection { get; set; }

    /// <summary>Upper bound of every message's time to live; default none (<see cref="TimeSpan.MaxValue"/>).</summary>
    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Idle time after which the entity is deleted, 5 min or more; default never.</summary>
    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    /// <summary>How long ids are remembered, 20 s to 7 days; default 1 min.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the service may gather operations; default true.</summary>
    public bool EnableBatchedOperations { get; set; } = true;

    /// <summary>Which directions are open; default both.</summary>
    public EntityStatus Status { get; set; } = EntityStatus.Active;

    /// <summary>Whether the entity is partitioned.</summary>
    public bool EnablePartitioning { get; set; }

    /// <summary>Free text of at most 1024 characters, or null.</summary>
    public string UserMetadata { get; set; }

    /// <summary>Largest message in KiB; null for the tier's.</summary>
    public long? MaxMessageSizeInKilobytes { get; set; }

    /// <summary>Whether the topic keeps order.</summary>
    public bool SupportOrdering { get; set; }
}
