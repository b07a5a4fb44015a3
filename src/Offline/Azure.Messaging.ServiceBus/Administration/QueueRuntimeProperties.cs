#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>How a queue stood at one moment.</summary>
public class QueueRuntimeProperties
{
    internal QueueRuntimeProperties()
    {
    }

    /// <summary>Its path.</summary>
    public string Name { get; internal init; }

    /// <summary>Messages in any state, dead letters included.</summary>
    public long TotalMessageCount { get; internal init; }

    /// <summary>Messages to be received.</summary>
    public long ActiveMessageCount { get; internal init; }

    /// <summary>Messages in the dead-letter queue.</summary>
    public long DeadLetterMessageCount { get; internal init; }

    /// <summary>Messages that wait for their time.</summary>
    public long ScheduledMessageCount { get; internal init; }

    /// <summary>Messages on their way to another entity.</summary>
    public long TransferMessageCount { get; internal init; }

    /// <summary>Messages that could not be moved on.</summary>
    public long TransferDeadLetterMessageCount { get; internal init; }

    /// <summary>Bytes held.</summary>
    public long SizeInBytes { get; internal init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; internal init; }

    /// <summary>When its settings changed last.</summary>
    public DateTimeOffset UpdatedAt { get; internal init; }

    /// <summary>When a client used it last.</summary>
    public DateTimeOffset AccessedAt { get; internal init; }
}
