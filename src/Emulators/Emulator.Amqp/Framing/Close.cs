using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Closes a connection. AMQP 1.0 part 2, 2.7.9.</summary>
internal readonly record struct Close(AmqpError? Error)
{
    public static bool TryRead(ref AmqpReader reader, out Close close)
    {
        close = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        close = new Close(ErrorCodec.Read(ref fields));
        return fields.Finish();
    }

    public void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Close);
        fields.Error(Error);
        fields.End();
    }
}
