using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>What goes with a payload to <c>SendingLink.TrySend</c>.</summary>
public readonly ref struct OutgoingDelivery
{
    /// <summary>
    /// Delivery-tag, 0 to 32 bytes, unique among the link's unsettled deliveries. A broker's lock token is <c>Guid.ToByteArray()</c>.
    /// </summary>
    public ReadOnlySpan<byte> Tag { get; init; }

    /// <summary>Message format: 0, or 0x80013700 for a batch.</summary>
    public uint MessageFormat { get; init; }

    /// <summary>Send settled: no disposition will come.</summary>
    public bool Settled { get; init; }

    /// <summary>State to send along, for instance a <see cref="TransactionalState"/>; usually null.</summary>
    public DeliveryState? State { get; init; }

    /// <summary>Kept with an unsettled delivery and given back with its dispositions; may be null.</summary>
    public object? Context { get; init; }
}
