using Emulator.Amqp.Framing;

namespace Relay.Testing.Amqp;

/// <summary>A received delivery with bytes of its own.</summary>
/// <param name="DeliveryId">For settling on the same receiver.</param>
/// <param name="Tag">Delivery-tag; a Service Bus lock token is <c>new Guid(tag)</c>.</param>
/// <param name="MessageFormat">Message format.</param>
/// <param name="Settled">The peer settled it already.</param>
/// <param name="State">The peer's state; usually null.</param>
/// <param name="Payload">Encoded sections.</param>
public sealed record AmqpDelivery(
    uint DeliveryId, ReadOnlyMemory<byte> Tag, uint MessageFormat, bool Settled, DeliveryState? State, ReadOnlyMemory<byte> Payload);
