using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Wire form of <see cref="DeliveryState"/>.</summary>
internal static class DeliveryStateCodec
{
    private static readonly Rejected PlainRejected = new((AmqpError?)null);
    private static readonly Modified PlainModified = new();

    /// <summary>Reads a state field; null when absent. Unknown descriptors fail the parent.</summary>
    public static DeliveryState? Read(ref CompositeReader parent, int depth = 0)
    {
        if (!parent.TryDescribed(out var descriptor, out var fields))
        {
            return null;
        }

        DeliveryState? state = null;
        switch (descriptor)
        {
            case Descriptor.Accepted:
                state = Accepted.Instance;
                break;
            case Descriptor.Released:
                state = Released.Instance;
                break;
            case Descriptor.Rejected:
                var error = ErrorCodec.Read(ref fields);
                state = error is null ? PlainRejected : new Rejected(error);
                break;
            case Descriptor.Modified:
                var modified = new Modified(fields.Bool(), fields.Bool(), fields.Map());
                state = modified == PlainModified ? PlainModified : modified;
                break;
            case Descriptor.Received:
                state = new Received(fields.RequiredUInt(), fields.ULong() ?? 0);
                break;
            case Descriptor.Declared:
                state = new Declared(ReadTransactionId(ref fields));
                break;
            // A transactional state inside another has no meaning and would nest without end.
            case Descriptor.TransactionalState when depth == 0:
                state = new TransactionalState(ReadTransactionId(ref fields), Read(ref fields, depth + 1));
                break;
            default:
                fields.Fail();
                break;
        }

        parent.Join(fields);
        return state;
    }

    public static void Write(AmqpWriter writer, DeliveryState state)
    {
        switch (state)
        {
            case Accepted:
                writer.WriteDescriptor(Descriptor.Accepted);
                writer.WriteByte(FormatCode.List0);
                break;
            case Released:
                writer.WriteDescriptor(Descriptor.Released);
                writer.WriteByte(FormatCode.List0);
                break;
            case Rejected rejected:
                var rejectedFields = new CompositeWriter(writer, Descriptor.Rejected);
                rejectedFields.Error(rejected.Error);
                rejectedFields.End();
                break;
            case Modified modified:
                var modifiedFields = new CompositeWriter(writer, Descriptor.Modified);
                modifiedFields.Bool(modified.DeliveryFailed);
                modifiedFields.Bool(modified.UndeliverableHere);
                modifiedFields.Value(modified.MessageAnnotations);
                modifiedFields.End();
                break;
            case Received received:
                var receivedFields = new CompositeWriter(writer, Descriptor.Received);
                receivedFields.UInt(received.SectionNumber);
                receivedFields.ULong(received.SectionOffset);
                receivedFields.End();
                break;
            case Declared declared:
                var declaredFields = new CompositeWriter(writer, Descriptor.Declared);
                declaredFields.Binary(declared.TransactionId.Span);
                declaredFields.End();
                break;
            case TransactionalState transactional:
                var transactionalFields = new CompositeWriter(writer, Descriptor.TransactionalState);
                transactionalFields.Binary(transactional.TransactionId.Span);
                transactionalFields.State(transactional.Outcome);
                transactionalFields.End();
                break;
        }
    }

    private static ReadOnlyMemory<byte> ReadTransactionId(ref CompositeReader fields)
    {
        var id = fields.OwnBinary();
        if (id is null)
        {
            fields.Fail();
        }

        return id.GetValueOrDefault();
    }
}
