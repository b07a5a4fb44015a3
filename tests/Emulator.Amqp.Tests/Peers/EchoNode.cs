using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;

namespace Emulator.Amqp.Tests.Peers;

/// <summary>
/// A request/response node that answers each request with its own body, on the link whose target address is the reply-to.
/// </summary>
public sealed class EchoNode : IConnectionHandler, IReceivingLinkHandler, ISendingLinkHandler
{
    // Guards both. A reply without credit waits here.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SendingLink> _replies = [];
    private readonly Queue<(SendingLink Link, byte[] Payload)> _waiting = [];

    public void OnAttach(AttachRequest request)
    {
        if (!request.Attach.IsReceiver)
        {
            request.TryAcceptSender(this, new AttachReply(), out _);
        }
        else if (request.TryAcceptReceiver(this, new AttachReply(), out var link))
        {
            lock (_gate)
            {
                _replies[request.Attach.TargetAddress!] = link;
            }
        }
    }

    public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
    {
        Assert.True(AmqpMessage.TryDecode(delivery.Payload.ToArray(), out var request));
        var response = request with { Properties = new MessageProperties { CorrelationId = request.Properties!.MessageId } };
        lock (_gate)
        {
            _waiting.Enqueue((_replies[request.Properties.ReplyTo!], response.Encode()));
        }

        Pump();
    }

    public void OnSendable(SendingLink link) => Pump();

    public void OnDrain(SendingLink link) => link.CompleteDrain();

    public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
    {
    }

    public void OnDetached(ReceivingLink link, in LinkClosure closure)
    {
    }

    public void OnDetached(SendingLink link, in LinkClosure closure)
    {
    }

    private void Pump()
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var next)
                && next.Link.TrySend(new OutgoingDelivery { Settled = true }, next.Payload, out _) == SendOutcome.Sent)
            {
                _waiting.Dequeue();
            }
        }
    }
}
