using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using MessageProperties = Emulator.Amqp.Messages.MessageProperties;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// Between encoded AMQP messages and what entities hold. Everything the broker does not own stays as the sender encoded it.
/// </summary>
internal sealed class MessageCodec : IMessageCodec
{
    private const string ScheduledEnqueueTime = "x-opt-scheduled-enqueue-time";

    // Written afresh on every delivery; what a sender says about them is dropped.
    private static readonly HashSet<string> Owned = new(StringComparer.Ordinal)
    {
        "x-opt-sequence-number", "x-opt-enqueued-time", "x-opt-enqueue-sequence-number", "x-opt-locked-until",
        "x-opt-message-state", "x-opt-deadletter-source", "x-opt-lock-token",
    };

    private static readonly AmqpError NoMessage = new(
        AmqpCondition.DecodeError, "Expected an encoded AMQP message, got bytes that are none.");

    public static MessageCodec Instance { get; } = new();

    /// <summary>Reads a message a sender encoded.</summary>
    /// <param name="encoded">All sections; copied.</param>
    /// <param name="content">What to store; its message id is made up when the sender gave none.</param>
    /// <param name="fault">Why it is not taken, when false is returned.</param>
    /// <returns>False when the bytes are not a message, or one beyond the service's limits.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out MessageContent? content, [NotNullWhen(false)] out AmqpError? fault)
    {
        content = null;
        fault = NoMessage;
        if (!MessageSections.TryIndex(encoded, out var sections)
            || !MessageHeader.TryRead(encoded[sections.Header], out var header)
            || !MessageSections.TryReadMap(encoded[sections.MessageAnnotations], out var annotations)
            || !MessageProperties.TryRead(encoded[sections.Properties], out var properties))
        {
            return false;
        }

        // One copy of what is passed on unchanged, sliced.
        var start = sections.Bare.GetOffsetAndLength(encoded.Length).Offset;
        ReadOnlyMemory<byte> bare = encoded[sections.Bare].ToArray();
        var propertiesSection = Slice(sections.Properties);
        if (properties?.MessageId is null)
        {
            properties = (properties ?? new MessageProperties()) with { MessageId = Guid.NewGuid().ToString("N") };
            propertiesSection = Encode(properties.Write);
        }

        var body = sections.Body.GetOffsetAndLength(encoded.Length);
        var footer = sections.Footer.GetOffsetAndLength(encoded.Length);
        var (pairs, count) = ForeignAnnotations(annotations);
        content = new MessageContent
        {
            MessageId = Text(properties.MessageId) ?? "",
            SessionId = properties.GroupId,
            Annotations = pairs,
            AnnotationCount = count,
            Properties = propertiesSection,
            ApplicationProperties = Slice(sections.ApplicationProperties),
            Body = bare.Slice(bare.Length - body.Length - footer.Length),
            Durable = header?.Durable ?? false,
            Priority = header?.Priority,
            TimeToLive = TimeToLive(header, properties),
            ScheduledEnqueueTime = annotations is not null && annotations.TryGet<DateTime>(ScheduledEnqueueTime, out var due)
                ? new DateTimeOffset(DateTime.SpecifyKind(due, DateTimeKind.Utc))
                : null,
        };
        fault = MessageLimits.Check(content, properties);
        return fault is null;

        ReadOnlyMemory<byte> Slice(Range range)
        {
            var (offset, length) = range.GetOffsetAndLength(bare.Length + start);
            return length == 0 ? default : bare.Slice(offset - start, length);
        }
    }

    public MessageContent Merge(MessageContent content, IReadOnlyList<KeyValuePair<string, object?>> properties)
    {
        // Application properties that cannot be read are kept out of the way of ours: they were the sender's fault.
        if (!MessageSections.TryReadMap(content.ApplicationProperties.Span, out var map) || map is null) map = [];
        foreach (var (name, value) in properties)
        {
            map[name] = value;
        }

        return content with { ApplicationProperties = Encode(map) };
    }

    public bool Fits(MessageContent content) => MessageLimits.CheckHeader(content) is null;

    public MessageContent Apply(MessageContent content, MessageChanges changes)
    {
        if (changes.User.Count > 0)
        {
            if (!MessageSections.TryReadMap(content.ApplicationProperties.Span, out var map) || map is null) map = [];
            foreach (var change in changes.User)
            {
                if (change.IsRemoved) map.Remove(change.Name);
                else map[change.Name] = RuleValues.ToAmqp(change.Value);
            }

            content = content with { ApplicationProperties = map.Count == 0 ? default : Encode(map) };
        }

        return changes.System.Count == 0 ? content : RuleValues.Apply(content, changes.System);
    }

    public FilterFields ReadFields(MessageContent content)
    {
        if (!MessageProperties.TryRead(content.Properties.Span, out var properties) || properties is null)
        {
            properties = new MessageProperties();
        }

        if (!MessageSections.TryReadMap(content.ApplicationProperties.Span, out var map)) map = null;
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in map ?? [])
        {
            if (key is string name) named.TryAdd(name, RuleValues.FromAmqp(value));
        }

        return new FilterFields
        {
            MessageId = Text(properties.MessageId),
            CorrelationId = Text(properties.CorrelationId),
            To = properties.To,
            ReplyTo = properties.ReplyTo,
            Label = properties.Subject,
            SessionId = properties.GroupId,
            ReplyToSessionId = properties.ReplyToGroupId,
            ContentType = properties.ContentType,
            PartitionKey = RuleValues.PartitionKey(content),
            TimeToLive = content.TimeToLive,
            ScheduledEnqueueTime = content.ScheduledEnqueueTime,
            Properties = named,
        };
    }

    /// <summary>An id of any of the four AMQP id types as text.</summary>
    private static string? Text(object? id) => id switch
    {
        null => null,
        string text => text,
        Guid guid => guid.ToString("D"),
        ulong number => number.ToString(CultureInfo.InvariantCulture),
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        _ => id.ToString(),
    };

    private static TimeSpan? TimeToLive(MessageHeader? header, MessageProperties properties)
    {
        // A time to live beyond 49 days does not fit the header; the two times then say it.
        var between = properties is { CreationTime: { } created, AbsoluteExpiryTime: { } expires } && expires > created
            ? expires - created
            : (TimeSpan?)null;
        return header?.TimeToLiveMs is { } milliseconds && (milliseconds < uint.MaxValue || between is null)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : header?.TimeToLiveMs is null ? null : between;
    }

    private static (ReadOnlyMemory<byte> Pairs, int Count) ForeignAnnotations(AmqpMap? annotations)
    {
        if (annotations is null) return (default, 0);
        var count = 0;
        var pairs = Encode(writer =>
        {
            foreach (var (key, value) in annotations)
            {
                if (key is AmqpSymbol symbol && Owned.Contains(symbol.Value)) continue;
                writer.WriteValue(key);
                writer.WriteValue(value);
                count++;
            }
        });
        return (pairs, count);
    }

    private static byte[] Encode(AmqpMap applicationProperties) => Encode(writer =>
    {
        writer.WriteDescriptor(SectionCode.ApplicationProperties);
        writer.WriteMap(applicationProperties);
    });

    internal static byte[] Encode(Action<AmqpWriter> write)
    {
        using var writer = new AmqpWriter();
        write(writer);
        return writer.ToArray();
    }
}
