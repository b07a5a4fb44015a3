using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>What the receiver said of one delivery.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="Context">The <see cref="OutgoingDelivery.Context"/> it was sent with.</param>
/// <param name="State">The receiver's state; may be null.</param>
/// <param name="Settled">True when the receiver settled: the delivery is forgotten and no answer is due.</param>
public readonly record struct OutgoingDisposition(uint DeliveryId, object? Context, DeliveryState? State, bool Settled);
