using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>One frame of a delivery; the payload follows it in the frame. AMQP 1.0 part 2, 2.7.5.</summary>
internal ref struct Transfer
{
    public uint Handle;
    public uint? DeliveryId;
    public ReadOnlySpan<byte> DeliveryTag;
    public bool HasTag;
    public uint? MessageFormat;
    public bool? Settled;
    public bool More;
    public byte? RcvSettleMode;
    public DeliveryState? State;
    public bool Resume;
    public bool Aborted;

    public static bool TryRead(ref AmqpReader reader, out Transfer transfer)
    {
        transfer = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        transfer.Handle = fields.RequiredUInt();
        transfer.DeliveryId = fields.UInt();
        transfer.DeliveryTag = fields.Binary(out transfer.HasTag);
        transfer.MessageFormat = fields.UInt();
        transfer.Settled = fields.Bool();
        transfer.More = fields.Bool() ?? false;
        transfer.RcvSettleMode = fields.UByte();
        transfer.State = DeliveryStateCodec.Read(ref fields);
        transfer.Resume = fields.Bool() ?? false;
        transfer.Aborted = fields.Bool() ?? false;
        fields.Bool();
        return fields.Finish();
    }

    /// <summary>Writes the performative; settled and more are explicit in first frames, as brokers write them.</summary>
    public readonly void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Transfer);
        fields.UInt(Handle);
        fields.UInt(DeliveryId);
        if (HasTag)
        {
            fields.Binary(DeliveryTag);
        }
        else
        {
            fields.Null();
        }

        fields.UInt(MessageFormat);
        fields.Bool(Settled);
        fields.Bool(More);
        fields.UByte(RcvSettleMode);
        fields.State(State);
        fields.Bool(Resume ? true : null);
        fields.Bool(Aborted ? true : null);
        fields.End();
    }
}
