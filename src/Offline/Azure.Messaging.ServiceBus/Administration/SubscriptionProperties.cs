#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Settings of a subscription.</summary>
public class SubscriptionProperties
{
    internal SubscriptionProperties(string topicName, string subscriptionName)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    internal SubscriptionProperties(CreateSubscriptionOptions options)
        : this(options.TopicName, options.SubscriptionName)
    {
        LockDuration = options.LockDuration;
        RequiresSession = options.RequiresSession;
        DefaultMessageTimeToLive = options.DefaultMessageTimeToLive;
        AutoDeleteOnIdle = options.AutoDeleteOnIdle;
        DeadLetteringOnMessageExpiration = options.DeadLetteringOnMessageExpiration;
        EnableDeadLetteringOnFilterEvaluationExceptions = options.EnableDeadLetteringOnFilterEvaluationExceptions;
        MaxDeliveryCount = options.MaxDeliveryCount;
        EnableBatchedOperations = options.EnableBatchedOperations;
        Status = options.Status;
        ForwardTo = options.ForwardTo;
        ForwardDeadLetteredMessagesTo = options.ForwardDeadLetteredMessagesTo;
        UserMetadata = options.UserMetadata;
    }

    /// <summary>Path of the topic.</summary>
    public string TopicName { get; set; }

    /// <summary>Name of the subscription.</summary>
    public string SubscriptionName { get; set; }

    /// <summary>How long a delivery stays locked; default 1 min, at most 5.</summary>
    public TimeSpan LockDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether every message belongs to a session.</summary>
    public bool RequiresSession { get; set; }

    /// <summary>Upper bound of every message's time to live; default none (<see cref="TimeSpan.MaxValue"/>).</summary>
    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Idle time after which the entity is deleted, 5 min or more; default never.</summary>
    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    /// <summary>Whether an expired message goes to the dead-letter queue rather than away.</summary>
    public bool DeadLetteringOnMessageExpiration { get; set; }

    /// <summary>Whether a message that a rule cannot judge goes to the dead-letter queue; default true.</summary>
    public bool EnableDeadLetteringOnFilterEvaluationExceptions { get; set; } = true;

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

    /// <summary>Free text of at most 1024 characters, or null.</summary>
    public string UserMetadata { get; set; }
}
