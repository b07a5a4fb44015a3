using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// As little behind a connection as it takes to reach every corner of the machines, and a count of what was begun and ended.
/// </summary>
internal sealed class ScriptedNodes : IFuzzNodes, IConnectionHandler
{
    // Messages a receiver can get from one connection in all: credit has no end, a test must.
    private const int MostSent = 200;
    private const int LargestSent = 1500;

    private readonly Queue<AttachRequest> _held = [];
    private int _accepted;
    private int _detached;
    private int _heldCount;
    private int _heldAnswered;
    private int _begun;
    private int _ended;
    private int _closed;
    private int _sent;

    public IReadOnlyList<string?> Addresses { get; } = ["node", "node", "node", "keeps", "dry", "missing", "held", null];

    public string? RefusalOf(string? address, bool isReceiver) =>
        address switch { null => "amqp:invalid-field", "missing" => "amqp:not-found", _ => null };

    public bool IsHeld(string? address) => address == "held";

    public bool Settles(string? address) => address != "keeps";

    public int MaxMessageSizeOf(string? address) => PeerModel.MaxMessageSize;

    public byte[] Payload(FuzzRandom random, int size) => random.Bytes(size);

    public string? RejectionOf(string? address, ReadOnlySpan<byte> payload) => null;

    public IConnectionHandler Handler() => this;

    public AttachRequest? AnswerHeld()
    {
        while (_held.TryDequeue(out var request))
        {
            if (request.IsPending && Accept(request))
            {
                _heldAnswered++;
                return request;
            }
        }

        return null;
    }

    public void CheckEnded()
    {
        Assert.Equal(_accepted, _detached);
        Assert.Equal(_begun, _ended);
        Assert.Equal(_heldCount, _heldAnswered);
        Assert.Equal(1, _closed);
    }

    public void Dispose()
    {
    }

    public void OnSessionBegin(AmqpSession session) => _begun++;

    public void OnSessionEnd(AmqpSession session, AmqpError? error) => _ended++;

    public void OnClosed(AmqpConnection connection, AmqpError? error) => _closed++;

    public void OnAttachAbandoned(AttachRequest request) => _heldAnswered++;

    public void OnAttach(AttachRequest request)
    {
        var address = AddressOf(request);
        if (RefusalOf(address, request.Attach.IsReceiver) is { } refusal)
        {
            Assert.True(request.TryRefuse(new AmqpError(refusal, "Not here.")));
        }
        else if (IsHeld(address))
        {
            _heldCount++;
            _held.Enqueue(request);
        }
        else
        {
            Assert.True(Accept(request));
        }
    }

    private static string? AddressOf(AttachRequest request) =>
        request.Attach.IsReceiver ? request.Attach.Source?.Address : request.Attach.TargetAddress;

    private bool Accept(AttachRequest request)
    {
        bool isAccepted;
        if (request.Attach.IsReceiver)
        {
            var outbox = new Outbox(this);
            isAccepted = request.TryAcceptReceiver(outbox, new AttachReply(), out var link);
            if (isAccepted) outbox.Pump(link!);
        }
        else
        {
            var address = AddressOf(request);
            isAccepted = request.TryAcceptSender(
                new Inbox(this, Settles(address)), new AttachReply { CreditWindow = address == "dry" ? 0u : 6 }, out _);
        }

        _accepted += isAccepted ? 1 : 0;
        return isAccepted;
    }

    private sealed class Inbox(ScriptedNodes nodes, bool settles) : IReceivingLinkHandler
    {
        public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
        {
            if (settles && !delivery.Settled) link.Settle(delivery.DeliveryId, Accepted.Instance);
        }

        public void OnDetached(ReceivingLink link, in LinkClosure closure) => nodes._detached++;
    }

    private sealed class Outbox(ScriptedNodes nodes) : ISendingLinkHandler
    {
        public void Pump(SendingLink link)
        {
            Span<byte> tag = stackalloc byte[4];
            var outcome = SendOutcome.Sent;
            while (outcome == SendOutcome.Sent && nodes._sent < MostSent)
            {
                var payload = new byte[nodes._sent * 37 % LargestSent];
                BinaryPrimitives.WriteInt32BigEndian(tag, nodes._sent);
                outcome = link.TrySend(new OutgoingDelivery { Tag = tag, Settled = link.IsPreSettled }, payload, out _);
                nodes._sent += outcome == SendOutcome.Sent ? 1 : 0;
            }

            if (link.IsDraining && outcome != SendOutcome.Congested) link.CompleteDrain();
        }

        public void OnSendable(SendingLink link) => Pump(link);

        public void OnDrain(SendingLink link) => Pump(link);

        public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
        {
            if (!disposition.Settled) link.Settle(disposition.DeliveryId, disposition.State ?? Released.Instance);
        }

        public void OnDetached(SendingLink link, in LinkClosure closure) => nodes._detached++;
    }
}
