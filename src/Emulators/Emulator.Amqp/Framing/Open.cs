using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Negotiates connection parameters. AMQP 1.0 part 2, 2.7.1.</summary>
public sealed record Open
{
    /// <summary>Identifies the container; required.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Host the client means to reach, without port.</summary>
    public string? HostName { get; init; }

    /// <summary>Largest frame the sender of this accepts, in bytes; absent means 4294967295.</summary>
    public uint MaxFrameSize { get; init; } = uint.MaxValue;

    /// <summary>Highest channel number allowed; absent means 65535.</summary>
    public ushort ChannelMax { get; init; } = ushort.MaxValue;

    /// <summary>Milliseconds of silence the sender of this tolerates; null or 0 is none.</summary>
    public uint? IdleTimeoutMs { get; init; }

    /// <summary>Locales for outgoing text.</summary>
    public AmqpSymbol[]? OutgoingLocales { get; init; }

    /// <summary>Locales wanted for incoming text.</summary>
    public AmqpSymbol[]? IncomingLocales { get; init; }

    /// <summary>Extensions supported.</summary>
    public AmqpSymbol[]? OfferedCapabilities { get; init; }

    /// <summary>Extensions wanted.</summary>
    public AmqpSymbol[]? DesiredCapabilities { get; init; }

    /// <summary>Connection properties.</summary>
    public AmqpMap? Properties { get; init; }

    internal static bool TryRead(ref AmqpReader reader, out Open? open)
    {
        open = null;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var containerId = fields.Text();
        open = new Open
        {
            ContainerId = containerId ?? "",
            HostName = fields.Text(),
            MaxFrameSize = fields.UInt() ?? uint.MaxValue,
            ChannelMax = fields.UShort() ?? ushort.MaxValue,
            IdleTimeoutMs = fields.UInt(),
            OutgoingLocales = fields.Symbols(),
            IncomingLocales = fields.Symbols(),
            OfferedCapabilities = fields.Symbols(),
            DesiredCapabilities = fields.Symbols(),
            Properties = fields.Map(),
        };
        return fields.Finish() && containerId is not null;
    }

    // All 10 fields: some peers read by position without counting.
    internal void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Open);
        fields.String(ContainerId);
        fields.String(HostName);
        fields.UInt(MaxFrameSize == uint.MaxValue ? null : MaxFrameSize);
        fields.UShort(ChannelMax == ushort.MaxValue ? null : ChannelMax);
        fields.UInt(IdleTimeoutMs);
        fields.Value(OutgoingLocales);
        fields.Value(IncomingLocales);
        fields.Value(OfferedCapabilities);
        fields.Value(DesiredCapabilities);
        fields.Value(Properties);
        fields.End(fields: 10);
    }
}
