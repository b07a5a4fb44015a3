using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Updates windows and link credit. AMQP 1.0 part 2, 2.7.4.</summary>
internal struct Flow
{
    public uint? NextIncomingId;
    public uint IncomingWindow;
    public uint NextOutgoingId;
    public uint OutgoingWindow;
    public uint? Handle;
    public uint? DeliveryCount;
    public uint? LinkCredit;
    public uint? Available;
    public bool Drain;
    public bool Echo;

    public static bool TryRead(ref AmqpReader reader, out Flow flow)
    {
        flow = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        flow.NextIncomingId = fields.UInt();
        flow.IncomingWindow = fields.RequiredUInt();
        flow.NextOutgoingId = fields.RequiredUInt();
        flow.OutgoingWindow = fields.RequiredUInt();
        flow.Handle = fields.UInt();
        flow.DeliveryCount = fields.UInt();
        flow.LinkCredit = fields.UInt();
        flow.Available = fields.UInt();
        flow.Drain = fields.Bool() ?? false;
        flow.Echo = fields.Bool() ?? false;
        fields.Map();
        return fields.Finish();
    }

    public readonly void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Flow);
        fields.UInt(NextIncomingId);
        fields.UInt(IncomingWindow);
        fields.UInt(NextOutgoingId);
        fields.UInt(OutgoingWindow);
        fields.UInt(Handle);
        fields.UInt(DeliveryCount);
        fields.UInt(LinkCredit);
        fields.UInt(Available);
        fields.Bool(Handle is null ? null : Drain);
        fields.Bool(Echo ? true : null);
        fields.End();
    }
}
