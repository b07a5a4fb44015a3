namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>A message off a link, with bytes of its own.</summary>
/// <param name="Id">Delivery id, for settling on the same link.</param>
/// <param name="LockToken">Its lock; all zeros without one.</param>
/// <param name="Settled">Received and deleted.</param>
/// <param name="Payload">Encoded message.</param>
internal readonly record struct ReceivedDelivery(uint Id, Guid LockToken, bool Settled, byte[] Payload);
