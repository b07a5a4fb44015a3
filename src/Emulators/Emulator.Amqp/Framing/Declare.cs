using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Asks the coordinator for a transaction; the amqp-value of a message. AMQP 1.0 part 4, 4.5.2.</summary>
public sealed record Declare
{
    /// <summary>Reads one from a message's amqp-value section, descriptor of the section included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bodySection, out Declare? declare)
    {
        declare = null;
        var reader = new AmqpReader(bodySection);
        if (!reader.TryReadDescriptor(out var section) || section != Descriptor.AmqpValue
            || !reader.TryReadDescriptor(out var descriptor) || descriptor != Descriptor.Declare
            || !CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        fields.Any();
        declare = new Declare();
        return fields.Finish() && reader.AtEnd;
    }

    /// <summary>Writes the amqp-value section.</summary>
    public static void Write(AmqpWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteDescriptor(Descriptor.AmqpValue);
        var fields = new CompositeWriter(writer, Descriptor.Declare);
        fields.End(fields: 1);
    }
}
