using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Begins a session on a channel. AMQP 1.0 part 2, 2.7.2.</summary>
public sealed record Begin
{
    /// <summary>The peer's channel this answers; null when this starts a session.</summary>
    public ushort? RemoteChannel { get; init; }

    /// <summary>Transfer-id of the first transfer frame the sender of this will send.</summary>
    public uint NextOutgoingId { get; init; }

    /// <summary>Transfer frames the sender of this can take now.</summary>
    public uint IncomingWindow { get; init; }

    /// <summary>Transfer frames the sender of this may send.</summary>
    public uint OutgoingWindow { get; init; }

    /// <summary>Highest link handle allowed; absent means 4294967295.</summary>
    public uint HandleMax { get; init; } = uint.MaxValue;

    /// <summary>Extensions supported.</summary>
    public AmqpSymbol[]? OfferedCapabilities { get; init; }

    /// <summary>Extensions wanted.</summary>
    public AmqpSymbol[]? DesiredCapabilities { get; init; }

    /// <summary>Session properties.</summary>
    public AmqpMap? Properties { get; init; }

    internal static bool TryRead(ref AmqpReader reader, out Begin? begin)
    {
        begin = null;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        begin = new Begin
        {
            RemoteChannel = fields.UShort(),
            NextOutgoingId = fields.RequiredUInt(),
            IncomingWindow = fields.RequiredUInt(),
            OutgoingWindow = fields.RequiredUInt(),
            HandleMax = fields.UInt() ?? uint.MaxValue,
            OfferedCapabilities = fields.Symbols(),
            DesiredCapabilities = fields.Symbols(),
            Properties = fields.Map(),
        };
        return fields.Finish();
    }

    // All 8 fields: some peers read by position without counting.
    internal void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Begin);
        fields.UShort(RemoteChannel);
        fields.UInt(NextOutgoingId);
        fields.UInt(IncomingWindow);
        fields.UInt(OutgoingWindow);
        fields.UInt(HandleMax == uint.MaxValue ? null : HandleMax);
        fields.Value(OfferedCapabilities);
        fields.Value(DesiredCapabilities);
        fields.Value(Properties);
        fields.End(fields: 8);
    }
}
