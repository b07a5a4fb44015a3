using System.Collections.Concurrent;
using System.Net;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Transport;

namespace Emulator.Amqp.Tests.Peers;

/// <summary>A queue per address, first in first out: as little of a broker as the tests of both ends need.</summary>
public sealed class TestBroker
{
    private readonly ConcurrentDictionary<string, TestQueue> _queues = new(StringComparer.Ordinal);

    public ConcurrentQueue<AmqpError?> ClosedWith { get; } = new();

    public ConcurrentQueue<AttachRequest> Held { get; } = new();

    public ConcurrentQueue<AttachRequest> Abandoned { get; } = new();

    public ConcurrentQueue<LinkClosure> LinkClosures { get; } = new();

    public ConcurrentQueue<AmqpConnection> Opened { get; } = new();

    public int SessionsBegun { get; private set; }

    public int SessionsEnded { get; private set; }

    public AttachReply Reply { get; set; } = new();

    /// <summary>False leaves what arrives unsettled.</summary>
    public bool Settles { get; set; } = true;

    public TestQueue Queue(string address) => _queues.GetOrAdd(address, _ => new TestQueue());

    public AmqpListener Listen(AmqpListenerOptions? options = null) =>
        AmqpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), options ?? new AmqpListenerOptions(), _ => Handler());

    public IConnectionHandler Handler() => new Connection(this);

    private sealed class Connection(TestBroker broker) : IConnectionHandler
    {
        public AmqpError? OnOpen(AmqpConnection connection)
        {
            broker.Opened.Enqueue(connection);
            return connection.RemoteOpen!.HostName == "refused" ? new AmqpError(AmqpCondition.NotAllowed, "Not this host.") : null;
        }

        public void OnSessionBegin(AmqpSession session) => broker.SessionsBegun++;

        public void OnSessionEnd(AmqpSession session, AmqpError? error) => broker.SessionsEnded++;

        public void OnAttach(AttachRequest request)
        {
            var address = request.Attach.IsReceiver ? request.Attach.Source?.Address : request.Attach.TargetAddress;
            switch (address)
            {
                case "missing":
                    request.TryRefuse(new AmqpError(AmqpCondition.NotFound, "The messaging entity 'missing' could not be found."));
                    break;
                case "held":
                    broker.Held.Enqueue(request);
                    break;
                case "throws":
                    throw new InvalidOperationException("A handler that fails.");
                case var _ when request.Attach.IsReceiver:
                    broker.Queue(address ?? "").Subscribe(broker, request);
                    break;
                default:
                    request.TryAcceptSender(new Inbox(broker, broker.Queue(address ?? "")), broker.Reply, out _);
                    break;
            }
        }

        public void OnAttachAbandoned(AttachRequest request) => broker.Abandoned.Enqueue(request);

        public void OnClosed(AmqpConnection connection, AmqpError? error) => broker.ClosedWith.Enqueue(error);
    }

    private sealed class Inbox(TestBroker broker, TestQueue queue) : IReceivingLinkHandler
    {
        public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
        {
            queue.Enqueue(delivery.Payload.ToArray(), delivery.MessageFormat, delivery.State);
            if (!delivery.Settled && broker.Settles)
            {
                link.Settle(delivery.DeliveryId, delivery.State is TransactionalState transactional
                    ? new TransactionalState(transactional.TransactionId, Accepted.Instance)
                    : Accepted.Instance);
            }
        }

        public void OnDetached(ReceivingLink link, in LinkClosure closure) => broker.LinkClosures.Enqueue(closure);
    }
}
