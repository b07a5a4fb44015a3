using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Links;

/// <summary>A client's sender on <c>$cbs</c> or <c>$management</c>.</summary>
/// <param name="handle">Acts on one request; answers through the connection.</param>
internal sealed class RequestLink(Action<ReceivingLink, NodeRequest> handle) : IReceivingLinkHandler
{
    /// <summary>Its stand on the entity; null on <c>$cbs</c>.</summary>
    public EntityGuest? Guest { get; set; }

    public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
    {
        if (!NodeRequest.TryRead(delivery.Payload, out var request))
        {
            var fault = new AmqpError(AmqpCondition.DecodeError, "Expected an encoded AMQP message, got bytes that are none.");
            if (!delivery.Settled) link.Settle(delivery.DeliveryId, new Rejected(fault));
            return;
        }

        DeliveryState state = Accepted.Instance;
        if (delivery.State is TransactionalState transactional)
        {
            request.TransactionId = transactional.TransactionId;
            state = new TransactionalState(transactional.TransactionId, Accepted.Instance);
        }

        // JS sends requests unsettled and counts them until they are settled.
        // Before the answer, as the cloud does: uAMQP frees a request when
        // it is answered, and crashes on the disposition that comes after.
        if (!delivery.Settled) link.Settle(delivery.DeliveryId, state);
        handle(link, request);
    }

    public void OnDetached(ReceivingLink link, in LinkClosure closure) => Guest?.Leave();
}
