using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Wire form of <see cref="AmqpError"/>.</summary>
internal static class ErrorCodec
{
    public static AmqpError? Read(ref CompositeReader parent)
    {
        if (!parent.TryDescribed(out var descriptor, out var fields))
        {
            return null;
        }

        var condition = fields.Symbol();
        var error = new AmqpError(condition.GetValueOrDefault(), fields.Text(), fields.Map());
        if (descriptor != Descriptor.Error || condition is null)
        {
            fields.Fail();
        }

        parent.Join(fields);
        return error;
    }

    public static void Write(AmqpWriter writer, AmqpError error)
    {
        var fields = new CompositeWriter(writer, Descriptor.Error);
        fields.Symbol(error.Condition.Value ?? "");
        fields.String(error.Description);
        fields.Value(error.Info);
        fields.End();
    }
}
