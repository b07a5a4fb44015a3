using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>The mechanisms a server offers. AMQP 1.0 part 5, 5.3.3.1.</summary>
internal readonly record struct SaslMechanisms(AmqpSymbol[] Mechanisms)
{
    public static bool TryRead(ref AmqpReader reader, out SaslMechanisms mechanisms)
    {
        mechanisms = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        mechanisms = new SaslMechanisms(fields.Symbols() ?? []);
        return fields.Finish();
    }

    public void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.SaslMechanisms);
        fields.Value(Mechanisms);
        fields.End();
    }
}
