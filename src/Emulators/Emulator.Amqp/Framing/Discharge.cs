using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Ends a transaction; the amqp-value of a message to the coordinator. AMQP 1.0 part 4, 4.5.3.</summary>
/// <param name="TransactionId">1 to 32 bytes.</param>
/// <param name="Fail">True rolls back, false commits.</param>
public sealed record Discharge(ReadOnlyMemory<byte> TransactionId, bool Fail)
{
    /// <summary>Reads one from a message's amqp-value section, descriptor of the section included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bodySection, out Discharge? discharge)
    {
        discharge = null;
        var reader = new AmqpReader(bodySection);
        if (!reader.TryReadDescriptor(out var section) || section != Descriptor.AmqpValue
            || !reader.TryReadDescriptor(out var descriptor) || descriptor != Descriptor.Discharge
            || !CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var id = fields.OwnBinary();
        discharge = new Discharge(id.GetValueOrDefault(), fields.Bool() ?? false);
        return fields.Finish() && reader.AtEnd && id is not null;
    }

    /// <summary>Writes the amqp-value section.</summary>
    public void Write(AmqpWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteDescriptor(Descriptor.AmqpValue);
        var fields = new CompositeWriter(writer, Descriptor.Discharge);
        fields.Binary(TransactionId.Span);
        fields.Bool(Fail);
        fields.End();
    }
}
