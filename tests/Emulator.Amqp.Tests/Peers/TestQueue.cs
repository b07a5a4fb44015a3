using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Emulator.Amqp.Tests.Peers;

/// <summary>
/// One queue of the <see cref="TestBroker"/>: messages go to whichever link takes them; released ones come back to the front.
/// </summary>
public sealed class TestQueue
{
    // Guards everything below. Held while calling the library, as a broker might: the library must not call back under its own lock.
    private readonly Lock _gate = new();
    private readonly LinkedList<Item> _ready = [];
    private readonly List<SendingLink> _links = [];
    private int _tag;

    public sealed record Item(byte[] Payload, uint Format, DeliveryState? State);

    public int Settled { get; private set; }

    public List<DeliveryState?> Outcomes { get; } = [];

    /// <summary>The answer to outcomes; null echoes them.</summary>
    public DeliveryState? Answer { get; set; }

    public IReadOnlyList<Item> Ready
    {
        get
        {
            lock (_gate)
            {
                return [.. _ready];
            }
        }
    }

    public void Enqueue(byte[] payload, uint format = 0, DeliveryState? state = null)
    {
        lock (_gate)
        {
            _ready.AddLast(new Item(payload, format, state));
            Pump();
        }
    }

    public void Subscribe(TestBroker broker, AttachRequest request)
    {
        lock (_gate)
        {
            if (request.TryAcceptReceiver(new Outbox(this, broker), broker.Reply, out var link))
            {
                _links.Add(link);
                Pump();
            }
        }
    }

    private void Pump()
    {
        Span<byte> tag = stackalloc byte[16];
        foreach (var link in _links)
        {
            var congested = false;
            while (_ready.First is { } next)
            {
                BinaryPrimitives.WriteInt32LittleEndian(tag, _tag);
                var payload = next.Value.Payload;
                var third = payload.Length / 3;
                var delivery = new OutgoingDelivery
                {
                    Tag = tag,
                    MessageFormat = next.Value.Format,
                    Settled = link.IsPreSettled,
                    Context = next.Value,
                };
                var outcome = link.TrySend(
                    delivery, payload.AsSpan(0, third), payload.AsSpan(third, third), payload.AsSpan(2 * third), out _);
                congested |= outcome == SendOutcome.Congested;
                if (outcome != SendOutcome.Sent)
                {
                    break;
                }

                _tag++;
                _ready.RemoveFirst();
            }

            if (link.IsDraining && !congested)
            {
                link.CompleteDrain();
            }
        }
    }

    private sealed class Outbox(TestQueue queue, TestBroker broker) : ISendingLinkHandler
    {
        public void OnSendable(SendingLink link)
        {
            lock (queue._gate)
            {
                queue.Pump();
            }
        }

        public void OnDrain(SendingLink link)
        {
            lock (queue._gate)
            {
                queue.Pump();
            }
        }

        public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
        {
            lock (queue._gate)
            {
                queue.Settled++;
                queue.Outcomes.Add(disposition.State);
                if (disposition.State is Released)
                {
                    queue._ready.AddFirst((Item)disposition.Context!);
                }

                if (!disposition.Settled)
                {
                    link.Settle(disposition.DeliveryId, queue.Answer ?? disposition.State ?? Released.Instance);
                }
            }
        }

        public void OnDetached(SendingLink link, in LinkClosure closure)
        {
            lock (queue._gate)
            {
                queue._links.Remove(link);
            }

            broker.LinkClosures.Enqueue(closure);
        }
    }
}
