using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Detaches a link. AMQP 1.0 part 2, 2.7.7.</summary>
internal readonly record struct Detach(uint Handle, bool Closed, AmqpError? Error)
{
    public static bool TryRead(ref AmqpReader reader, out Detach detach)
    {
        detach = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        detach = new Detach(fields.RequiredUInt(), fields.Bool() ?? false, ErrorCodec.Read(ref fields));
        return fields.Finish();
    }

    public void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Detach);
        fields.UInt(Handle);
        fields.Bool(Closed);
        fields.Error(Error);
        fields.End();
    }
}
