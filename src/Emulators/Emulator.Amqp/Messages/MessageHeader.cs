using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Messages;

/// <summary>The header section. AMQP 1.0 part 3, 3.2.1. A field that is not null is written also when it equals its default.</summary>
public sealed record MessageHeader
{
    /// <summary>Survive a broker's restart.</summary>
    public bool? Durable { get; init; }

    /// <summary>Relative priority, 4 by default.</summary>
    public byte? Priority { get; init; }

    /// <summary>Time to live in milliseconds.</summary>
    public uint? TimeToLiveMs { get; init; }

    /// <summary>Not acquired by another link before.</summary>
    public bool? FirstAcquirer { get; init; }

    /// <summary>Unsuccessful deliveries so far.</summary>
    public uint? DeliveryCount { get; init; }

    /// <summary>Reads the section; an empty span gives null.</summary>
    public static bool TryRead(ReadOnlySpan<byte> section, out MessageHeader? header)
    {
        header = null;
        if (section.IsEmpty)
        {
            return true;
        }

        var reader = new AmqpReader(section);
        if (!reader.TryReadDescriptor(out var descriptor)
            || descriptor != Descriptor.Header
            || !CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        header = new MessageHeader
        {
            Durable = fields.Bool(),
            Priority = fields.UByte(),
            TimeToLiveMs = fields.UInt(),
            FirstAcquirer = fields.Bool(),
            DeliveryCount = fields.UInt(),
        };
        return fields.Finish() && reader.AtEnd;
    }

    /// <summary>Writes the section.</summary>
    public void Write(AmqpWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var fields = new CompositeWriter(writer, Descriptor.Header);
        fields.Bool(Durable);
        fields.UByte(Priority);
        fields.UInt(TimeToLiveMs);
        fields.Bool(FirstAcquirer);
        fields.UInt(DeliveryCount);
        fields.End();
    }
}
