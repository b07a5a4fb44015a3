using Relay.Amqp.Framing;
using Relay.Amqp.State;
using Relay.Emulator.ServiceBus.Entities;

namespace Relay.Emulator.ServiceBus.Links;

/// <summary>A client's sender on <c>$cbs</c> or <c>$management</c>.</summary>
/// <param name="handle">Acts on one request; answers through the connection.</param>
internal sealed class RequestLink(Action<ReceivingLink, NodeRequest> handle) : IReceivingLinkHandler
{
    /// <summary>Its stand on the entity; null on <c>$cbs</c>.</summary>
    public EntityGuest? Guest { get; set; }

    public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
    {
        DeliveryState state = Accepted.Instance;
        if (NodeRequest.TryRead(delivery.Payload, out var request))
        {
            if (delivery.State is TransactionalState transactional)
            {
                request.TransactionId = transactional.TransactionId;
                state = new TransactionalState(transactional.TransactionId, Accepted.Instance);
            }

            handle(link, request);
        }
        else
        {
            state = new Rejected(new AmqpError(AmqpCondition.DecodeError, "Expected an encoded AMQP message, got bytes that are none."));
        }

        // JS sends requests unsettled and counts them until they are settled.
        if (!delivery.Settled) link.Settle(delivery.DeliveryId, state);
    }

    public void OnDetached(ReceivingLink link, in LinkClosure closure) => Guest?.Leave();
}
