using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>A whole delivery, all its frames joined. Its spans belong to the connection and end with the callback.</summary>
public readonly ref struct IncomingDelivery
{
    /// <summary>Delivery-id, unique among the session's unsettled deliveries.</summary>
    public uint DeliveryId { get; init; }

    /// <summary>Delivery-tag, 0 to 32 bytes.</summary>
    public ReadOnlySpan<byte> Tag { get; init; }

    /// <summary>Message format: 0, or 0x80013700 for a batch.</summary>
    public uint MessageFormat { get; init; }

    /// <summary>The sender settled it: nothing is to be answered.</summary>
    public bool Settled { get; init; }

    /// <summary>The sender's state, for instance a <see cref="TransactionalState"/>; usually null.</summary>
    public DeliveryState? State { get; init; }

    /// <summary>All message sections, encoded.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}
