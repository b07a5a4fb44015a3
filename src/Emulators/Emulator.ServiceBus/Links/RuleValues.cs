using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using MessageProperties = Emulator.Amqp.Messages.MessageProperties;

namespace Emulator.ServiceBus.Links;

/// <summary>Between AMQP values and the values of rules.</summary>
internal static class RuleValues
{
    private const string PartitionKeyAnnotation = "x-opt-partition-key";
    private const string TimeType = "com.microsoft:datetime-offset";
    private const string DurationType = "com.microsoft:timespan";

    /// <summary>A property's value; the described types of the .NET client as what they stand for.</summary>
    public static object? FromAmqp(object? value) => value switch
    {
        AmqpSymbol symbol => symbol.Value,
        System.Text.Rune rune => rune.ToString(),
        AmqpDescribed { Descriptor: AmqpSymbol { Value: TimeType }, Value: long ticks } when ticks is >= 0 and <= 3155378975999999999 =>
            new DateTimeOffset(ticks, TimeSpan.Zero),
        AmqpDescribed { Descriptor: AmqpSymbol { Value: DurationType }, Value: long ticks } => new TimeSpan(ticks),
        AmqpDescribed { Value: string text } => text,
        _ => value,
    };

    /// <summary>What an action computed, as an application property.</summary>
    public static object? ToAmqp(object? value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        TimeSpan duration => new AmqpDescribed(new AmqpSymbol(DurationType), duration.Ticks),
        _ => value,
    };

    public static string? PartitionKey(MessageContent content)
    {
        var reader = new AmqpReader(content.Annotations.Span);
        for (var pair = 0; pair < content.AnnotationCount; pair++)
        {
            if (!reader.TryReadValue(out var key) || !reader.TryReadValue(out var value)) return null;
            if (key is AmqpSymbol { Value: PartitionKeyAnnotation }) return value as string;
        }

        return null;
    }

    /// <summary>The content with system properties changed; each value is of its property's type or null.</summary>
    public static MessageContent Apply(MessageContent content, IReadOnlyDictionary<SystemProperty, object?> changes)
    {
        if (!MessageProperties.TryRead(content.Properties.Span, out var properties) || properties is null)
        {
            properties = new MessageProperties { MessageId = content.MessageId };
        }
        foreach (var (property, value) in changes)
        {
            var text = value as string;
            properties = property switch
            {
                SystemProperty.MessageId => properties with { MessageId = text },
                SystemProperty.CorrelationId => properties with { CorrelationId = text },
                SystemProperty.SessionId => properties with { GroupId = text },
                SystemProperty.To => properties with { To = text },
                SystemProperty.ReplyTo => properties with { ReplyTo = text },
                SystemProperty.ReplyToSessionId => properties with { ReplyToGroupId = text },
                SystemProperty.Label => properties with { Subject = text },
                SystemProperty.ContentType => properties with { ContentType = text },
                SystemProperty.TimeToLive => properties with { AbsoluteExpiryTime = Expiry(properties.CreationTime, value as TimeSpan?) },
                SystemProperty.PartitionKey
                    or SystemProperty.ScheduledEnqueueTimeUtc
                    or SystemProperty.EnqueuedTimeUtc
                    or SystemProperty.ExpiresAtUtc =>
                    properties,
                SystemProperty.SequenceNumber or SystemProperty.EnqueuedSequenceNumber or SystemProperty.DeliveryCount => properties,
            };
            content = property switch
            {
                SystemProperty.MessageId => content with { MessageId = text! },
                SystemProperty.SessionId => content with { SessionId = text },
                SystemProperty.TimeToLive => content with { TimeToLive = value as TimeSpan? },
                _ => content,
            };
        }

        return content with { Properties = MessageCodec.Encode(properties.Write) };
    }

    private static DateTime? Expiry(DateTime? created, TimeSpan? life) =>
        created is { } time && life is { } span && span < DateTime.MaxValue - time ? time + span : null;
}
