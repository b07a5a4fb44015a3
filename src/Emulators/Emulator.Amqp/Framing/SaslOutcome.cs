using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>The end of the SASL dialogue. AMQP 1.0 part 5, 5.3.3.5.</summary>
internal readonly record struct SaslOutcome(SaslCode Code)
{
    public static bool TryRead(ref AmqpReader reader, out SaslOutcome outcome)
    {
        outcome = default;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var code = fields.UByte();
        fields.Binary(out _);
        outcome = new SaslOutcome((SaslCode)code.GetValueOrDefault());
        return fields.Finish() && code <= (byte)SaslCode.SysTemp;
    }

    public void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.SaslOutcome);
        fields.UByte((byte)Code);
        fields.End();
    }
}
