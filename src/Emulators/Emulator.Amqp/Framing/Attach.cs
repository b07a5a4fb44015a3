using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Attaches a link to a session. AMQP 1.0 part 2, 2.7.3.</summary>
public sealed record Attach
{
    /// <summary>Name of the link, echoed byte for byte in the answer.</summary>
    public required string Name { get; init; }

    /// <summary>Handle chosen by the sender of this.</summary>
    public uint Handle { get; init; }

    /// <summary>Role of the sender of this: false sender, true receiver.</summary>
    public bool IsReceiver { get; init; }

    /// <summary>snd-settle-mode: 0 unsettled, 1 settled, 2 mixed; null when absent.</summary>
    public byte? SndSettleMode { get; init; }

    /// <summary>rcv-settle-mode: 0 first, 1 second; null when absent.</summary>
    public byte? RcvSettleMode { get; init; }

    /// <summary>The source; null in an answer refuses the link.</summary>
    public Source? Source { get; init; }

    /// <summary>The target or coordinator; null in an answer refuses the link.</summary>
    public AttachTarget? Target { get; init; }

    /// <summary>Unsettled deliveries of a resumed link; read but not acted on.</summary>
    public AmqpMap? Unsettled { get; init; }

    /// <summary>The unsettled map is partial.</summary>
    public bool? IncompleteUnsettled { get; init; }

    /// <summary>First delivery-count; required from senders, null from receivers.</summary>
    public uint? InitialDeliveryCount { get; init; }

    /// <summary>Largest message in bytes the sender of this accepts; null or 0 is no limit.</summary>
    public ulong? MaxMessageSize { get; init; }

    /// <summary>Extensions supported.</summary>
    public AmqpSymbol[]? OfferedCapabilities { get; init; }

    /// <summary>Extensions wanted.</summary>
    public AmqpSymbol[]? DesiredCapabilities { get; init; }

    /// <summary>Link properties.</summary>
    public AmqpMap? Properties { get; init; }

    /// <summary>The target's node address; null for a coordinator or no target.</summary>
    public string? TargetAddress => (Target as Target)?.Address;

    internal static bool TryRead(ref AmqpReader reader, out Attach? attach)
    {
        attach = null;
        if (!CompositeReader.TryEnter(ref reader, out var fields))
        {
            return false;
        }

        var name = fields.Text();
        var handle = fields.RequiredUInt();
        var role = fields.Bool();
        attach = new Attach
        {
            Name = name ?? "",
            Handle = handle,
            IsReceiver = role.GetValueOrDefault(),
            SndSettleMode = fields.UByte(),
            RcvSettleMode = fields.UByte(),
            Source = TerminusCodec.ReadSource(ref fields),
            Target = TerminusCodec.ReadTarget(ref fields),
            Unsettled = fields.Map(),
            IncompleteUnsettled = fields.Bool(),
            InitialDeliveryCount = fields.UInt(),
            MaxMessageSize = fields.ULong(),
            OfferedCapabilities = fields.Symbols(),
            DesiredCapabilities = fields.Symbols(),
            Properties = fields.Map(),
        };
        return fields.Finish() && name is not null && role is not null;
    }

    // All 14 fields: some peers read by position without counting.
    internal void Write(AmqpWriter writer)
    {
        var fields = new CompositeWriter(writer, Descriptor.Attach);
        fields.String(Name);
        fields.UInt(Handle);
        fields.Bool(IsReceiver);
        fields.UByte(SndSettleMode);
        fields.UByte(RcvSettleMode);
        TerminusCodec.Write(writer, ref fields, Source);
        TerminusCodec.Write(writer, ref fields, Target);
        fields.Value(Unsettled);
        fields.Bool(IncompleteUnsettled);
        fields.UInt(InitialDeliveryCount);
        fields.ULong(MaxMessageSize);
        fields.Value(OfferedCapabilities);
        fields.Value(DesiredCapabilities);
        fields.Value(Properties);
        fields.End(fields: 14);
    }
}
