using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Relay.Testing.Amqp;

/// <summary>How a receiver is attached.</summary>
public sealed record AmqpReceiverOptions
{
    /// <summary>Link name; null makes a unique one.</summary>
    public string? Name { get; init; }

    /// <summary>Where to receive from, with filters.</summary>
    public required Source Source { get; init; }

    /// <summary>Our target; null sends one without fields.</summary>
    public Target? Target { get; init; }

    /// <summary>snd-settle-mode: 1 for receive-and-delete; null sends none.</summary>
    public byte? SndSettleMode { get; init; }

    /// <summary>rcv-settle-mode: 1 for peek-lock; null sends none.</summary>
    public byte? RcvSettleMode { get; init; }

    /// <summary>Largest message accepted in bytes; null is the connection's.</summary>
    public long? MaxMessageSize { get; init; }

    /// <summary>Link properties, such as com.microsoft:timeout.</summary>
    public AmqpMap? Properties { get; init; }

    /// <summary>Session to attach on; null begins one that ends with the receiver.</summary>
    public AmqpSession? Session { get; init; }

    /// <summary>
    /// Takes each delivery on the read loop instead of <see cref="AmqpReceiver.ReceiveAsync"/>;
    /// must not block, and copies what it keeps. Null queues deliveries.
    /// </summary>
    public DeliveryCallback? OnDelivery { get; init; }
}

/// <summary>Takes a delivery on the read loop; its spans end with the call.</summary>
public delegate void DeliveryCallback(AmqpReceiver receiver, in IncomingDelivery delivery);
