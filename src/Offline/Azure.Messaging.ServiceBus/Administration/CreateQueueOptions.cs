#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a queue is created with.</summary>
public class CreateQueueOptions
{
    /// <summary>The defaults.</summary>
    /// <param name="name">Path of the queue.</param>
    /// <exception cref="ArgumentException">The name is null or empty.</exception>
    public CreateQueueOptions(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>Those of a queue that is there.</summary>
    public CreateQueueOptions(QueueProperties queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Name = queue.Name;
        LockDuration = queue.LockDuration;
        MaxSizeInMegabytes = queue.MaxSizeInMegabytes;
        RequiresDuplicateDetection = queue.RequiresDuplicateDetection;
        RequiresSession = queue.RequiresSession;
        DefaultMessageTimeToLive = queue.DefaultMessageTimeToLive;
        AutoDeleteOnIdle = queue.AutoDeleteOnIdle;
        DeadLetteringOnMessageExpiration = queue.DeadLetteringOnMessageExpiration;
        DuplicateDetectionHistoryTimeWindow = queue.DuplicateDetectionHistoryTimeWindow;
        MaxDeliveryCount = queue.MaxDeliveryCount;
        EnableBatchedOperations = queue.EnableBatchedOperations;
        Status = queue.Status;
        ForwardTo = queue.ForwardTo;
        ForwardDeadLetteredMessagesTo = queue.ForwardDeadLetteredMessagesTo;
        EnablePartitioning = queue.EnablePartitioning;
        UserMetadata = queue.UserMetadata;
        MaxMessageSizeInKilobytes = queue.MaxMessageSizeInKilobytes;
    }

    /// <summary>Path of the queue.</summary>
    public string Name { get; set; }

    /// <summary>How long a delivery stays locked; default 1 min, at most 5.</summary>
    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Quota in MiB; default 1024.</summary>
    public long MaxSizeInMegabytes { get; set; } = 1024;

    /// <summary>Whether a message whose id was seen within the window is accepted and dropped.</summary>
    public bool RequiresDuplicateDetection { get; set; }

    /// <summary>Whether every message belongs to a session.</summary>
    public bool RequiresSession { get; set; }

    /// <summary>Upper bound of every message's time to live; default none (<see cref="TimeSpan.MaxValue"/>).</summary>
    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Idle time after which the entity is deleted, 5 min or more; default never.</summary>
    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    /// <summary>Whether an expired message goes to the dead-letter queue rather than away.</summary>
    public bool DeadLetteringOnMessageExpiration { get; set; }

    /// <summary>How long ids are remembered, 20 s to 7 days; default 1 min.</summary>
    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Deliveries before a message is dead-lettered; default 10.</summary>
    public int MaxDeliveryCount { get; set; } = 10;

    /// <summary>Whether the service may gather operations; default true.</summary>
    public bool EnableBatchedOperations { get; set; } = true;

    /// <summary>Which directions are open; default both.</summary>
    public EntityStatus Status { get; set; } = EntityStatus.Active;

    /// <summary>Path of the entity that messages move on to, or null.</summary>
    public string ForwardTo { get; set; }

    /// <summary>Path of the entity that dead-lettered messages move on to, or null.</summary>
    public string ForwardDeadLetteredMessagesTo { get; set; }

    /// <summary>Whether the entity is partitioned.</summary>
    public bool EnablePartitioning { get; set; }

    /// <summary>Free text of at most 1024 characters, or null.</summary>
    public string UserMetadata { get; set; }

    /// <summary>Largest message in KiB; null for the tier's.</summary>
    public long? MaxMessageSizeInKilobytes { get; set; }
}
