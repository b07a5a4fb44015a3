using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Links;

/// <summary>A client's receiver on <c>$cbs</c> or <c>$management</c>: replies wait here for credit, in order.</summary>
/// <param name="name">Link name.</param>
/// <param name="targetAddress">What requests name as reply-to; null from JS on <c>$cbs</c>.</param>
/// <param name="node">The node's address.</param>
/// <param name="session">Its session.</param>
internal sealed class ReplyLink(string name, string? targetAddress, string node, AmqpSession session) : ISendingLinkHandler
{
    // A client that asks without ever reading answers is cut off here.
    private const int MaxWaiting = 4096;

    // Guards the queue. TrySend is called inside: it does not block and calls no handler.
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _waiting = [];
    private long _sent;

    public string Name { get; } = name;

    public string? TargetAddress { get; } = targetAddress;

    public string Node { get; } = node;

    public AmqpSession Session { get; } = session;

    public SendingLink? Link { get; set; }

    /// <summary>Its stand on the entity; null on <c>$cbs</c>.</summary>
    public EntityGuest? Guest { get; set; }

    public required Action<ReplyLink> Detached { get; init; }

    public void Send(byte[] reply)
    {
        var tooMany = false;
        lock (_gate)
        {
            tooMany = _waiting.Count >= MaxWaiting;
            if (!tooMany) _waiting.Enqueue(reply);
        }

        if (tooMany) Link?.Detach(new AmqpError(AmqpCondition.ResourceLimitExceeded, $"More than {MaxWaiting} replies wait for credit."));
        else Flush();
    }

    public void OnSendable(SendingLink link)
    {
        Link = link;
        Flush();
    }

    public void OnDrain(SendingLink link)
    {
        OnSendable(link);
        link.CompleteDrain();
    }

    public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
    {
    }

    public void OnDetached(SendingLink link, in LinkClosure closure)
    {
        Guest?.Leave();
        Detached(this);
    }

    private void Flush()
    {
        if (Link is not { } link) return;
        Span<byte> tag = stackalloc byte[8];
        var isTooLarge = false;
        lock (_gate)
        {
            while (_waiting.TryPeek(out var reply))
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(tag, _sent);
                var outcome = link.TrySend(new OutgoingDelivery { Tag = tag, Settled = true }, reply, out _);
                isTooLarge = outcome == SendOutcome.TooLarge;
                if (outcome != SendOutcome.Sent) break;
                _sent++;
                _waiting.Dequeue();
            }
        }

        if (isTooLarge)
        {
            link.Detach(new AmqpError(AmqpCondition.MessageSizeExceeded, "The next reply is larger than the receiver's max-message-size."));
        }
    }
}
