#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>How a topic stood at one moment.</summary>
public class TopicRuntimeProperties
{
    internal TopicRuntimeProperties()
    {
    }

    /// <summary>Its path.</summary>
    public string Name { get; internal init; }

    /// <summary>Messages that wait for their time.</summary>
    public long ScheduledMessageCount { get; internal init; }

    /// <summary>Bytes held.</summary>
    public long SizeInBytes { get; internal init; }

    /// <summary>Subscriptions of the topic.</summary>
    public int SubscriptionCount { get; internal init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; internal init; }

    /// <summary>When its settings changed last.</summary>
    public DateTimeOffset UpdatedAt { get; internal init; }

    /// <summary>When a client used it last.</summary>
    public DateTimeOffset AccessedAt { get; internal init; }
}
