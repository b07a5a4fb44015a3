using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Tells the state of deliveries first to last. AMQP 1.0 part 2, 2.7.6.</summary>
internal struct Disposition
{
    public bool IsReceiver;
    public uint First;
    public uint? Last;
    public bool Settled;
    public DeliveryState? State;

    public static bool TryRead(ref AmqpReader reader, out Disposition disposition)
    {
        disposition = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var role = fields.Bool();
        disposition.IsReceiver = role.GetValueOrDefault();
        disposition.First = fields.RequiredUInt();
        disposition.Last = fields.UInt();
        disposition.Settled = fields.Bool() ?? false;
        disposition.State = DeliveryStateCodec.Read(ref fields);
        fields.Bool();
        return fields.Finish() && role is not null;
    }

    public readonly void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Disposition);
        fields.Bool(IsReceiver);
        fields.UInt(First);
        fields.UInt(Last is { } last && last != First ? last : null);
        fields.Bool(Settled);
        fields.State(State);
        fields.End();
    }
}
