#nullable disable annotations
using System.Collections.ObjectModel;

namespace Azure.Messaging.ServiceBus;

/// <summary>Makes the types only the client makes otherwise, for tests of applications.</summary>
public static class ServiceBusModelFactory
{
    /// <summary>A received message. Parameter names are the official package's: <paramref name="properties"/> are the application
    /// properties, <paramref name="viaPartitionKey"/> is the transaction partition key.</summary>
    public static ServiceBusReceivedMessage ServiceBusReceivedMessage(BinaryData body = null, string messageId = null, string partitionKey = null,
        string viaPartitionKey = null, string sessionId = null, string replyToSessionId = null, TimeSpan timeToLive = default,
        string correlationId = null, string subject = null, string to = null, string contentType = null, string replyTo = null,
        DateTimeOffset scheduledEnqueueTime = default, IDictionary<string, object> properties = null, Guid lockTokenGuid = default,
        int deliveryCount = default, DateTimeOffset lockedUntil = default, long sequenceNumber = -1, string deadLetterSource = null,
        long enqueuedSequenceNumber = default, DateTimeOffset enqueuedTime = default,
        ServiceBusMessageState serviceBusMessageState = ServiceBusMessageState.Active) =>
        new(body ?? BinaryData.Empty)
        {
            MessageId = messageId,
            PartitionKey = partitionKey,
            TransactionPartitionKey = viaPartitionKey,
            SessionId = sessionId,
            ReplyToSessionId = replyToSessionId,
            TimeToLive = timeToLive,
            CorrelationId = correlationId,
            Subject = subject,
            To = to,
            ContentType = contentType,
            ReplyTo = replyTo,
            ScheduledEnqueueTime = scheduledEnqueueTime,
            ApplicationProperties = properties is null
                ? ReadOnlyDictionary<string, object>.Empty
                : new ReadOnlyDictionary<string, object>(new Dictionary<string, object>(properties)),
            LockTokenGuid = lockTokenGuid,
            DeliveryCount = deliveryCount,
            LockedUntil = lockedUntil,
            SequenceNumber = sequenceNumber,
            DeadLetterSource = deadLetterSource,
            EnqueuedSequenceNumber = enqueuedSequenceNumber,
            EnqueuedTime = enqueuedTime,
            State = serviceBusMessageState,
        };
}
