using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Messages;

/// <summary>The properties section. AMQP 1.0 part 3, 3.2.4. Null fields are absent.</summary>
public sealed record MessageProperties
{
    /// <summary>string, ulong, Guid or ReadOnlyMemory of byte.</summary>
    public object? MessageId { get; init; }

    /// <summary>Identity of the producer.</summary>
    public ReadOnlyMemory<byte>? UserId { get; init; }

    /// <summary>Destination node.</summary>
    public string? To { get; init; }

    /// <summary>Subject; label in Service Bus.</summary>
    public string? Subject { get; init; }

    /// <summary>Node for answers.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>string, ulong, Guid or ReadOnlyMemory of byte.</summary>
    public object? CorrelationId { get; init; }

    /// <summary>Media type of the body; a symbol on the wire.</summary>
    public string? ContentType { get; init; }

    /// <summary>Content encoding of the body; a symbol on the wire.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>When the message expires, UTC.</summary>
    public DateTime? AbsoluteExpiryTime { get; init; }

    /// <summary>When the message was made, UTC.</summary>
    public DateTime? CreationTime { get; init; }

    /// <summary>Group; the session id in Service Bus.</summary>
    public string? GroupId { get; init; }

    /// <summary>Position in the group.</summary>
    public uint? GroupSequence { get; init; }

    /// <summary>Group for answers.</summary>
    public string? ReplyToGroupId { get; init; }

    /// <summary>Reads the section; an empty span gives null.</summary>
    public static bool TryRead(ReadOnlySpan<byte> section, out MessageProperties? properties)
    {
        properties = null;
        if (section.IsEmpty)
        {
            return true;
        }

        var reader = new AmqpReader(section);
        if (!reader.TryReadDescriptor(out var descriptor)
            || descriptor != Descriptor.Properties
            || !CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        properties = new MessageProperties
        {
            MessageId = ReadId(ref fields),
            UserId = fields.OwnBinary(),
            To = fields.Text(),
            Subject = fields.Text(),
            ReplyTo = fields.Text(),
            CorrelationId = ReadId(ref fields),
            ContentType = fields.Text(),
            ContentEncoding = fields.Text(),
            AbsoluteExpiryTime = fields.Timestamp(),
            CreationTime = fields.Timestamp(),
            GroupId = fields.Text(),
            GroupSequence = fields.UInt(),
            ReplyToGroupId = fields.Text(),
        };
        return fields.Finish() && reader.AtEnd;
    }

    /// <summary>Writes the section.</summary>
    public void Write(AmqpWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var fields = new CompositeWriter(writer, Descriptor.Properties);
        fields.Value(MessageId);
        fields.Binary(UserId);
        fields.String(To);
        fields.String(Subject);
        fields.String(ReplyTo);
        fields.Value(CorrelationId);
        fields.Symbol(ContentType);
        fields.Symbol(ContentEncoding);
        fields.Timestamp(AbsoluteExpiryTime);
        fields.Timestamp(CreationTime);
        fields.String(GroupId);
        fields.UInt(GroupSequence);
        fields.String(ReplyToGroupId);
        fields.End();
    }

    private static object? ReadId(ref CompositeReader fields)
    {
        var id = fields.Any();
        if (id is not (null or string or ulong or Guid or ReadOnlyMemory<byte>))
        {
            fields.Fail();
        }

        return id;
    }
}
