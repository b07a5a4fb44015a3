using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Links;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>A row of LIMITS.md that a message can break: how a message looks whose measure is so large.</summary>
public enum LimitRow
{
    MessageId,
    SessionId,
    ReplyToSessionId,
    PartitionKey,
    StringProperty,
    BinaryProperty,
    Subject,
    Annotation,
    Header,
}

/// <summary>Messages at the edges.</summary>
internal static class LimitMessages
{
    private const string PartitionKey = "x-opt-partition-key";

    public static int MostOf(LimitRow row) => row switch
    {
        LimitRow.MessageId or LimitRow.SessionId or LimitRow.ReplyToSessionId or LimitRow.PartitionKey => MessageLimits.MaxIdLength,
        LimitRow.StringProperty or LimitRow.BinaryProperty or LimitRow.Subject or LimitRow.Annotation => MessageLimits.MaxPropertyBytes,
        LimitRow.Header => MessageLimits.MaxHeaderBytes,
    };

    public static AmqpMessage Create(LimitRow row, int size)
    {
        var text = new string('x', row == LimitRow.Header ? 1 : size);
        var plain = Plain(new MessageProperties { MessageId = "m" });
        return row switch
        {
            LimitRow.MessageId => Plain(new MessageProperties { MessageId = text }),
            LimitRow.SessionId => Plain(new MessageProperties { MessageId = "m", GroupId = text }),
            LimitRow.ReplyToSessionId => Plain(new MessageProperties { MessageId = "m", ReplyToGroupId = text }),
            LimitRow.PartitionKey => plain with { MessageAnnotations = new AmqpMap { { new AmqpSymbol(PartitionKey), text } } },
            LimitRow.StringProperty => plain with { ApplicationProperties = new AmqpMap { { "large", text } } },
            LimitRow.BinaryProperty =>
                plain with { ApplicationProperties = new AmqpMap { { "small", 1 }, { "large", (ReadOnlyMemory<byte>)new byte[size] } } },
            LimitRow.Subject => Plain(new MessageProperties { MessageId = "m", Subject = text }),
            LimitRow.Annotation => plain with { MessageAnnotations = new AmqpMap { { new AmqpSymbol("x-opt-mine"), text } } },
            LimitRow.Header => OfHeader(plain, size),
        };
    }

    /// <summary>A message with a session id and a partition key.</summary>
    public static AmqpMessage Partitioned(string sessionId, string partitionKey) =>
        Plain(new MessageProperties { MessageId = "m", GroupId = sessionId }) with { MessageAnnotations = new AmqpMap { { new AmqpSymbol(PartitionKey), partitionKey } } };

    private static AmqpMessage Plain(MessageProperties properties) =>
        new() { Properties = properties, BodyKind = BodyKind.Data, Data = ["body"u8.ToArray()] };

    /// <summary>Three properties, each within its own limit, whose sections come to exactly so many bytes.</summary>
    private static AmqpMessage OfHeader(AmqpMessage plain, int size)
    {
        const int Third = 20_000;
        var short1 = With(1000);
        return With(1000 + size - HeaderOf(short1));

        AmqpMessage With(int last) => plain with
        {
            ApplicationProperties = new AmqpMap { { "a", new string('x', Third) }, { "b", new string('x', Third) }, { "c", new string('x', last) } },
        };
    }

    private static int HeaderOf(AmqpMessage message)
    {
        var encoded = message.Encode();
        Assert.True(MessageSections.TryIndex(encoded, out var sections));
        return encoded.AsSpan()[sections.Properties].Length + encoded.AsSpan()[sections.ApplicationProperties].Length;
    }
}
