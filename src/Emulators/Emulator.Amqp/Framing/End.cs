using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Ends a session. AMQP 1.0 part 2, 2.7.8.</summary>
internal readonly record struct End(AmqpError? Error)
{
    public static bool TryRead(ref AmqpReader reader, out End end)
    {
        end = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        end = new End(ErrorCodec.Read(ref fields));
        return fields.Finish();
    }

    public void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.End);
        fields.Error(Error);
        fields.End();
    }
}
