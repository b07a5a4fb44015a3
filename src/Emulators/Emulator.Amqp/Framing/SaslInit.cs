using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>The client's choice of SASL mechanism. AMQP 1.0 part 5, 5.3.3.2.</summary>
/// <param name="Mechanism">One of the mechanisms offered.</param>
/// <param name="InitialResponse">Mechanism data, for PLAIN: authzid 00 user 00 password. Null when absent.</param>
/// <param name="HostName">Host the client means to reach; null when absent.</param>
public sealed record SaslInit(string Mechanism, ReadOnlyMemory<byte>? InitialResponse, string? HostName)
{
    /// <inheritdoc/>
    public override string ToString() => $"SaslInit {{ Mechanism = {Mechanism} }}";

    internal static bool TryRead(ref AmqpReader reader, out SaslInit? init)
    {
        init = null;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var mechanism = fields.Text();
        init = new SaslInit(mechanism ?? "", fields.OwnBinary(), fields.Text());
        return fields.Finish() && mechanism is not null;
    }

    internal void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.SaslInit);
        fields.Symbol(Mechanism);
        fields.Binary(InitialResponse);
        fields.String(HostName);
        fields.End();
    }
}
