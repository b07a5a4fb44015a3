#nullable disable annotations
using System.Collections.ObjectModel;

namespace Azure.Messaging.ServiceBus;

/// <summary>A message as the service delivered it. Immutable, its lock's end aside, which renewing moves.</summary>
public class ServiceBusReceivedMessage
{
    private const string ReasonProperty = "DeadLetterReason";
    private const string DescriptionProperty = "DeadLetterErrorDescription";

    private readonly IReadOnlyDictionary<string, object> _applicationProperties = ReadOnlyDictionary<string, object>.Empty;
    private readonly BinaryData _body;
    private long _lockedUntilTicks;
    private int _settled;

    // A null body is one this client cannot show as bytes.
    internal ServiceBusReceivedMessage(BinaryData body)
    {
        _body = body;
    }

    /// <summary>The content.</summary>
    /// <exception cref="NotSupportedException">The sender wrote an AMQP value or sequence, not bytes.</exception>
    public BinaryData Body => _body ?? throw new NotSupportedException("The body is an AMQP value or sequence, which has no bytes to show.");

    /// <summary>Set by the sender, or stamped by the service.</summary>
    public string MessageId { get; internal init; }

    /// <summary>Partition key of the sender, or null.</summary>
    public string PartitionKey { get; internal init; }

    /// <summary>Partition key of the entity a transaction went through, or null.</summary>
    public string TransactionPartitionKey { get; internal init; }

    /// <summary>The session the message belongs to, or null.</summary>
    public string SessionId { get; internal init; }

    /// <summary>The session to reply to, or null.</summary>
    public string ReplyToSessionId { get; internal init; }

    /// <summary>How long the message lives from <see cref="EnqueuedTime"/>; <see cref="TimeSpan.MaxValue"/> without limit.</summary>
    public TimeSpan TimeToLive { get; internal init; } = TimeSpan.MaxValue;

    /// <summary>The message this one answers, or null.</summary>
    public string CorrelationId { get; internal init; }

    /// <summary>The purpose of the message, or null.</summary>
    public string Subject { get; internal init; }

    /// <summary>Where the sender says the message is going, or null.</summary>
    public string To { get; internal init; }

    /// <summary>RFC 2045 content type of the body, or null.</summary>
    public string ContentType { get; internal init; }

    /// <summary>Where to reply, or null.</summary>
    public string ReplyTo { get; internal init; }

    /// <summary>When the sender asked for the message to become visible; the default value when it did not.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; internal init; }

    /// <summary>Properties of the application's own.</summary>
    public IReadOnlyDictionary<string, object> ApplicationProperties
    {
        get => _applicationProperties;
        internal init => _applicationProperties = value;
    }

    /// <summary>Names the lock, as a GUID; all zeros for a message without one.</summary>
    public string LockToken => LockTokenGuid.ToString();

    /// <summary>How often the message has been delivered, this time included; for a peeked one, this time not.</summary>
    public int DeliveryCount { get; internal init; }

    /// <summary>When the lock runs out; the default value for a message without one.</summary>
    public DateTimeOffset LockedUntil
    {
        get => new(Interlocked.Read(ref _lockedUntilTicks), TimeSpan.Zero);
        internal set => Interlocked.Exchange(ref _lockedUntilTicks, value.UtcTicks);
    }

    /// <summary>Number the entity gave the message; -1 without one.</summary>
    public long SequenceNumber { get; internal init; } = -1;

    /// <summary>Name of the entity the message was dead-lettered in and then forwarded from, or null.</summary>
    public string DeadLetterSource { get; internal init; }

    /// <summary>Number the message was given first, before any forwarding.</summary>
    public long EnqueuedSequenceNumber { get; internal init; }

    /// <summary>When the entity took the message.</summary>
    public DateTimeOffset EnqueuedTime { get; internal init; }

    /// <summary>When the message is to be removed or dead-lettered: <see cref="EnqueuedTime"/> and <see cref="TimeToLive"/>.</summary>
    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    /// <summary>Why the message was dead-lettered, or null.</summary>
    public string DeadLetterReason => ApplicationProperties.TryGetValue(ReasonProperty, out var reason) ? reason as string : null;

    /// <summary>Details of why the message was dead-lettered, or null.</summary>
    public string DeadLetterErrorDescription =>
        ApplicationProperties.TryGetValue(DescriptionProperty, out var description) ? description as string : null;

    /// <summary>Where in its life the message is.</summary>
    public ServiceBusMessageState State { get; internal init; }

    internal Guid LockTokenGuid { get; init; }

    // Set by a receiver once it has settled the message, so that a processor does not do it again.
    internal bool IsSettled
    {
        get => Volatile.Read(ref _settled) != 0;
        set => Volatile.Write(ref _settled, value ? 1 : 0);
    }

    /// <summary>Shows the message id only: bodies do not belong in logs.</summary>
    public override string ToString() => $"{{MessageId:{MessageId}}}";
}
