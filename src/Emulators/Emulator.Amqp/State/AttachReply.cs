using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>How a link is accepted. Name, role and settle modes always echo the request; source and target do unless given here.</summary>
public sealed record AttachReply
{
    /// <summary>Source to answer with; null echoes the request's.</summary>
    public Source? Source { get; init; }

    /// <summary>Target to answer with; null echoes the request's.</summary>
    public AttachTarget? Target { get; init; }

    /// <summary>
    /// Largest message in bytes, advertised always and enforced on receiving
    /// links; null is <see cref="AmqpConnectionOptions.MaxMessageSize"/>.
    /// </summary>
    public long? MaxMessageSize { get; init; }

    /// <summary>Link properties; null is none.</summary>
    public AmqpMap? Properties { get; init; }

    /// <summary>
    /// Receiving links: credit kept open. The library tops up when half is used, counting
    /// unsettled deliveries as used. 0 leaves credit to the caller. Default 1000.
    /// </summary>
    public uint CreditWindow { get; init; } = 1000;
}
