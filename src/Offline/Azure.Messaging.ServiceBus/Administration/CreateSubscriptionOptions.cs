#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a subscription is created with.</summary>
public class CreateSubscriptionOptions
{
    /// <summary>The defaults.</summary>
    /// <param name="topicName">Path of the topic.</param>
    /// <param name="subscriptionName">Name of the subscription.</param>
    /// <exception cref="ArgumentException">A name is null or empty.</exception>
    public CreateSubscriptionOptions(string topicName, string subscriptionName)
    {
        ArgumentException.ThrowIfNullOrEmpty(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    /// <summary>Those of a subscription that is there.</summary>
    public CreateSubscriptionOptions(SubscriptionProperties subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        TopicName = subscription.TopicName;
        SubscriptionName = subscription.SubscriptionName;
        LockDuration = subscription.LockDuration;
        RequiresSession = subscription.RequiresSession;
        DefaultMessageTimeToLive = subscription.DefaultMessageTimeToLive;
        AutoDeleteOnIdle = subscription.AutoDeleteOnIdle;
        DeadLetteringOnMessageExpiration = subscription.DeadLetteringOnMessageExpiration;
        EnableDeadLetteringOnFilterEvaluationExceptions = subscription.EnableDeadLetteringOnFilterEvaluationExceptions;
        MaxDeliveryCount = subscription.MaxDeliveryCount;
        EnableBatchedOperations = subscription.EnableBatchedOperations;
        Status = subscription.Status;
        ForwardTo = subscription.ForwardTo;
        ForwardDeadLetteredMessagesTo = subscription.ForwardDeadLetteredMessagesTo;
        UserMetadata = subscription.UserMetadata;
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
