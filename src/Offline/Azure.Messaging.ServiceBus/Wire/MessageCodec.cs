using System.Collections.ObjectModel;
using System.Globalization;
using System.Runtime.Serialization;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Messages of the API to and from their encoded AMQP form.</summary>
/// <remarks>
/// <code>
/// header                   ttl in ms; delivery-count, which the service keeps
/// message-annotations      x-opt-...: times, numbers, partition keys, state
/// properties               message-id, to, subject, reply-to, correlation-id, content-type, absolute-expiry-time, creation-time, group-id, reply-to-group-id
/// application-properties   the application's own
/// data                     the body
/// </code>
/// </remarks>
internal static class MessageCodec
{
    public static readonly AmqpSymbol PartitionKey = "x-opt-partition-key";
    public static readonly AmqpSymbol ViaPartitionKey = "x-opt-via-partition-key";
    public static readonly AmqpSymbol ScheduledEnqueueTime = "x-opt-scheduled-enqueue-time";

    private const string SequenceNumber = "x-opt-sequence-number";
    private const string EnqueuedTime = "x-opt-enqueued-time";
    private const string EnqueuedSequenceNumber = "x-opt-enqueue-sequence-number";
    private const string LockedUntil = "x-opt-locked-until";
    private const string State = "x-opt-message-state";
    private const string DeadLetterSource = "x-opt-deadletter-source";

    /// <summary>The encoded form of a message to send.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">Its creation time when it has a time to live.</param>
    /// <exception cref="SerializationException">An application property's type cannot travel.</exception>
    public static byte[] Encode(ServiceBusMessage message, DateTimeOffset now)
    {
        var timeToLive = message.TimeToLive == TimeSpan.MaxValue ? (TimeSpan?)null : message.TimeToLive;
        return new AmqpMessage
        {
            Header = timeToLive is { } life ? new MessageHeader { TimeToLiveMs = ToMilliseconds(life) } : null,
            MessageAnnotations = AnnotationsOf(message),
            Properties = PropertiesOf(message, timeToLive, now.UtcDateTime),
            ApplicationProperties = ApplicationPropertiesOf(message),
            BodyKind = BodyKind.Data,
            Data = [message.Body.ToMemory()],
        }.Encode();
    }

    /// <summary>What goes before the messages of a batch: the first one's id, session and partition keys, by which the service routes.</summary>
    public static byte[] EncodeEnvelope(ServiceBusMessage first) => new AmqpMessage
    {
        MessageAnnotations = KeysOf(first),
        Properties = first.MessageId is null && first.SessionId is null ? null : new MessageProperties { MessageId = first.MessageId, GroupId = first.SessionId },
    }.Encode();

    /// <summary>Reads a received or peeked message.</summary>
    /// <param name="encoded">Its encoded form; the body stays a slice of it.</param>
    /// <param name="lockToken">Its lock; all zeros without one.</param>
    /// <param name="peeked">Whether it was only looked at: the delivery under way then does not count.</param>
    /// <exception cref="SerializationException">The bytes are no message.</exception>
    public static ServiceBusReceivedMessage Decode(ReadOnlyMemory<byte> encoded, Guid lockToken, bool peeked)
    {
        if (!AmqpMessage.TryDecode(encoded, out var amqp))
        {
            throw new SerializationException($"The service delivered {encoded.Length} bytes that are no AMQP message.");
        }

        var annotations = amqp.MessageAnnotations ?? [];
        var properties = amqp.Properties ?? new MessageProperties();
        return new(BodyOf(amqp))
        {
            MessageId = Text(properties.MessageId),
            PartitionKey = annotations.TryGet<string>(PartitionKey.Value, out var key) ? key : null,
            TransactionPartitionKey = annotations.TryGet<string>(ViaPartitionKey.Value, out var via) ? via : null,
            SessionId = properties.GroupId,
            ReplyToSessionId = properties.ReplyToGroupId,
            TimeToLive = TimeToLiveOf(amqp),
            CorrelationId = Text(properties.CorrelationId),
            Subject = properties.Subject,
            To = properties.To,
            ContentType = properties.ContentType,
            ReplyTo = properties.ReplyTo,
            ScheduledEnqueueTime = Time(annotations, ScheduledEnqueueTime.Value),
            ApplicationProperties = ReadApplicationProperties(amqp.ApplicationProperties),
            LockTokenGuid = lockToken,
            DeliveryCount = (int)Math.Min(amqp.Header?.DeliveryCount ?? 0, int.MaxValue - 1) + (peeked ? 0 : 1),
            LockedUntil = Time(annotations, LockedUntil),
            SequenceNumber = annotations.TryGetInteger(SequenceNumber, out var number) ? number : -1,
            DeadLetterSource = annotations.TryGet<string>(DeadLetterSource, out var source) ? source : null,
            EnqueuedSequenceNumber = annotations.TryGetInteger(EnqueuedSequenceNumber, out var original) ? original : 0,
            EnqueuedTime = Time(annotations, EnqueuedTime),
            State = annotations.TryGetInteger(State, out var state) ? StateOf(state) : ServiceBusMessageState.Active,
        };
    }

    private static AmqpMap? AnnotationsOf(ServiceBusMessage message)
    {
        var annotations = KeysOf(message);
        if (message.ScheduledEnqueueTime != default)
        {
            annotations ??= [];
            annotations.Add(ScheduledEnqueueTime, message.ScheduledEnqueueTime.UtcDateTime);
        }

        return annotations;
    }

    private static AmqpMap? KeysOf(ServiceBusMessage message)
    {
        if (message.PartitionKey is null && message.TransactionPartitionKey is null)
        {
            return null;
        }

        var annotations = new AmqpMap();
        if (message.PartitionKey is { } key)
        {
            annotations.Add(PartitionKey, key);
        }

        if (message.TransactionPartitionKey is { } via)
        {
            annotations.Add(ViaPartitionKey, via);
        }

        return annotations;
    }

    private static MessageProperties PropertiesOf(ServiceBusMessage message, TimeSpan? timeToLive, DateTime now) => new()
    {
        MessageId = message.MessageId,
        To = message.To,
        Subject = message.Subject,
        ReplyTo = message.ReplyTo,
        CorrelationId = message.CorrelationId,
        ContentType = message.ContentType,
        CreationTime = timeToLive is null ? null : now,
        AbsoluteExpiryTime = timeToLive is not { } life ? null : life < DateTime.MaxValue - now ? now + life : DateTime.MaxValue,
        GroupId = message.SessionId,
        ReplyToGroupId = message.ReplyToSessionId,
    };

    private static AmqpMap? ApplicationPropertiesOf(ServiceBusMessage message)
    {
        if (message.ApplicationProperties.Count == 0)
        {
            return null;
        }

        var map = new AmqpMap();
        foreach (var (name, value) in message.ApplicationProperties)
        {
            map.Add(name, PropertyValue.ToAmqp(value, name));
        }

        return map;
    }

    private static ReadOnlyDictionary<string, object> ReadApplicationProperties(AmqpMap? map)
    {
        if (map is not { Count: > 0 })
        {
            return ReadOnlyDictionary<string, object>.Empty;
        }

        var properties = new Dictionary<string, object>(map.Count, StringComparer.Ordinal);
        foreach (var (name, value) in map)
        {
            // Null values are legal; the official dictionary holds them too, under its unannotated type.
            properties.TryAdd(name.ToString() ?? "", PropertyValue.FromAmqp(value)!);
        }

        return new ReadOnlyDictionary<string, object>(properties);
    }

    // Null when the body cannot be shown as bytes.
    private static BinaryData? BodyOf(AmqpMessage amqp) => amqp.BodyKind switch
    {
        BodyKind.None => BinaryData.Empty,
        BodyKind.Data => amqp.Data.Count == 1 ? BinaryData.FromBytes(amqp.Data[0]) : BinaryData.FromBytes(Join(amqp.Data)),
        BodyKind.Sequence or BodyKind.Value => null,
    };

    private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> sections)
    {
        var joined = new byte[sections.Sum(section => section.Length)];
        var position = 0;
        foreach (var section in sections)
        {
            section.CopyTo(joined.AsMemory(position));
            position += section.Length;
        }

        return joined;
    }

    // The two times win over the header's milliseconds, which end at 49 days.
    private static TimeSpan TimeToLiveOf(AmqpMessage amqp)
    {
        if (amqp.Properties is { CreationTime: { } created, AbsoluteExpiryTime: { } expires } && expires >= created)
        {
            return expires.Year >= DateTime.MaxValue.Year ? TimeSpan.MaxValue : expires - created;
        }

        return amqp.Header?.TimeToLiveMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.MaxValue;
    }

    private static uint ToMilliseconds(TimeSpan life) => life.TotalMilliseconds >= uint.MaxValue ? uint.MaxValue : (uint)life.TotalMilliseconds;

    private static DateTimeOffset Time(AmqpMap annotations, string name) =>
        annotations.TryGet<DateTime>(name, out var time) ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : default;

    private static ServiceBusMessageState StateOf(long state) => state switch
    {
        1 => ServiceBusMessageState.Deferred,
        2 => ServiceBusMessageState.Scheduled,
        _ => ServiceBusMessageState.Active,
    };

    // Ids may be string, ulong, uuid or binary. AMQP 1.0 part 3, 3.2.11.
    private static string? Text(object? id) => id switch
    {
        null => null,
        string text => text,
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        _ => Convert.ToString(id, CultureInfo.InvariantCulture),
    };
}
