using System.Globalization;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using MessageProperties = Emulator.Amqp.Messages.MessageProperties;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// What the service takes of one message, whatever its entity. The official .NET client checks some of it before it sends, the others
/// nothing.
/// </summary>
/// <remarks>Sources, row by row: LIMITS.md.</remarks>
internal static class MessageLimits
{
    /// <summary>Characters (UTF-16 units) of a message id, session id, reply session id or partition key.</summary>
    public const int MaxIdLength = 128;

    /// <summary>Bytes of one property's value as encoded, without its AMQP constructor and length.</summary>
    public const int MaxPropertyBytes = 32 * 1024;

    /// <summary>Bytes of all that is not body: the sections of annotations, properties and application properties.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    // Constructor and length of a value that is longer than 255 bytes.
    private const int LargeValueHead = 5;

    /// <summary>Why a message is not taken; null when it is.</summary>
    /// <param name="content">The message as it would be stored.</param>
    /// <param name="properties">Its properties, decoded.</param>
    public static AmqpError? Check(MessageContent content, MessageProperties properties)
    {
        var partitionKey = RuleValues.PartitionKey(content);
        var tooLong = Long("MessageId", content.MessageId) ?? Long("SessionId", content.SessionId) ?? Long("PartitionKey", partitionKey)
            ?? Long("ReplyToSessionId", properties.ReplyToGroupId);
        if (tooLong is not null) return tooLong;

        if (content.SessionId is { } session && partitionKey is not null && partitionKey != session)
        {
            return Refusal($"Expected a PartitionKey equal to the SessionId, or none, got '{partitionKey}' beside '{session}'.");
        }

        return CheckHeader(content);
    }

    /// <summary>Whether what is not body is small enough; null when it is.</summary>
    public static AmqpError? CheckHeader(MessageContent content)
    {
        var total = content.Annotations.Length + content.Properties.Length + content.ApplicationProperties.Length;
        if (total > MaxHeaderBytes)
        {
            return Refusal(string.Create(
                CultureInfo.InvariantCulture, $"Expected at most {MaxHeaderBytes} bytes of properties and annotations in a message, got {total}: put what is large into the body."));
        }

        // Most messages have nothing that could be too large, and are not walked through.
        var isLarge = LargestOf(content.ApplicationProperties.Span, isMap: true) > MaxPropertyBytes
            || LargestOf(content.Properties.Span, isMap: false) > MaxPropertyBytes
            || Largest(content.Annotations.Span, isMap: true) > MaxPropertyBytes;
        return isLarge
            ? Refusal(string.Create(CultureInfo.InvariantCulture, $"Expected at most {MaxPropertyBytes} bytes in a property's value, got more: put what is large into the body."))
            : null;
    }

    /// <summary>Largest message that an entity takes, in bytes.</summary>
    /// <param name="target">The entity.</param>
    /// <param name="most">The namespace's.</param>
    public static long MaxMessageBytes(ISendTarget target, int most) => Math.Min(most, target.MaxMessageKilobytes * 1024 ?? most);

    /// <summary>Largest message as delivered, in bytes: what the broker and settlements add comes on top of what was sent.</summary>
    /// <param name="most">The namespace's.</param>
    public static long MaxDeliveredBytes(int most) => most + (2L * MaxHeaderBytes);

    /// <summary>Whether a message that came inside another is small enough; null when it is.</summary>
    public static AmqpError? CheckSize(int bytes, long maxBytes) => bytes <= maxBytes
        ? null
        : new(
            AmqpCondition.MessageSizeExceeded,
            string.Create(CultureInfo.InvariantCulture, $"Expected a message of at most {maxBytes} bytes, got {bytes}."));

    /// <summary>Whether a session may have this id; null when it may.</summary>
    public static AmqpError? CheckSessionId(string? sessionId) => Long("SessionId", sessionId);

    /// <summary>
    /// A permanent error to every client; what the service itself answers to large properties is retried in vain (LIMITS.md).
    /// </summary>
    private static AmqpError Refusal(string reason) => new(ServiceBusCondition.ArgumentError, reason);

    private static AmqpError? Long(string name, string? value) => value is null || value.Length <= MaxIdLength
        ? null
        : Refusal(
            string.Create(CultureInfo.InvariantCulture, $"Expected a {name} of at most {MaxIdLength} characters, got {value.Length}."));

    /// <summary>The largest value in a section that is a described map or list; 0 when none can be over the limit.</summary>
    private static int LargestOf(ReadOnlySpan<byte> section, bool isMap)
    {
        if (section.Length <= MaxPropertyBytes) return 0;
        var reader = new AmqpReader(section);
        if (!reader.TryReadDescriptor(out _)) return 0;

        // Over 255 bytes it is list32 or map32: constructor, 4 bytes of size, 4 of count.
        const int CompoundHead = 9;
        var items = section[reader.Position..];
        return items.Length <= CompoundHead ? 0 : Largest(items[CompoundHead..], isMap);
    }

    private static int Largest(ReadOnlySpan<byte> items, bool isMap)
    {
        if (items.Length <= MaxPropertyBytes) return 0;
        var largest = 0;
        var reader = new AmqpReader(items);
        for (var index = 0; !reader.AtEnd; index++)
        {
            var start = reader.Position;
            if (!reader.TrySkip()) break;
            if (!isMap || index % 2 == 1) largest = Math.Max(largest, reader.Position - start - LargeValueHead);
        }

        return largest;
    }
}
