using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Relay.Amqp.Framing;
using Relay.Amqp.Messages;
using Relay.Amqp.State;
using Relay.Amqp.Transport;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Tests.Scripted;

/// <summary>A namespace that does as a test says: every answer is a delegate, nothing is remembered, one entity answers for all.</summary>
internal sealed class ScriptedService : IConnectionHandler, IAsyncDisposable
{
    private readonly AmqpListener _listener;
    private readonly ConcurrentDictionary<string, SendingLink> _replies = new();

    public ScriptedService()
    {
        _listener = AmqpListener.Start(new IPEndPoint(IPAddress.Loopback, 0), new AmqpListenerOptions(), _ => this);
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture,
        $"Endpoint=sb://127.0.0.1:{_listener.EndPoint.Port};SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true");

    /// <summary>Status for a put-token request; the audience is its argument.</summary>
    public Func<string, int> OnPutToken { get; set; } = _ => 202;

    /// <summary>Answers a management request: operation and body in, status, error condition and body out.</summary>
    public Func<string, AmqpMap, (int Status, string? Condition, AmqpMap? Body)> OnManagement { get; set; } = (_, _) => (200, null, null);

    /// <summary>Refuses an entity link when not null.</summary>
    public Func<string, AmqpError?> OnAttach { get; set; } = _ => null;

    /// <summary>Takes a send; the argument settles it.</summary>
    public Action<AmqpMessage, Action<DeliveryState>> OnSend { get; set; } = (_, settle) => settle(Accepted.Instance);

    /// <summary>Answers a disposition.</summary>
    public Func<DeliveryState?, DeliveryState?> OnSettle { get; set; } = state => state;

    /// <summary>Whether drains are answered.</summary>
    public bool AnswersDrains { get; set; } = true;

    /// <summary>Messages handed out while there is credit.</summary>
    public ConcurrentQueue<byte[]> Messages { get; } = new();

    /// <summary>What happened, in order: <c>put-token audience</c>, <c>attach address</c>, <c>credit n</c>, <c>drain</c>, <c>operation</c>.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public int CountOf(string entry) => Log.Count(line => line == entry);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    void IConnectionHandler.OnAttach(AttachRequest request)
    {
        var attach = request.Attach;
        var address = (attach.IsReceiver ? attach.Source?.Address : attach.TargetAddress) ?? "";
        var isNode = address.EndsWith("$cbs", StringComparison.Ordinal) || address.EndsWith("$management", StringComparison.Ordinal);
        if (!isNode)
        {
            Log.Enqueue($"attach {address}");
            if (OnAttach(address) is { } error)
            {
                request.TryRefuse(error);
                return;
            }
        }

        if (!attach.IsReceiver)
        {
            request.TryAcceptSender(isNode ? new RequestNode(this, address) : new SendNode(this), new AttachReply(), out _);
            return;
        }

        var handler = new OutgoingNode(this, isNode);
        if (request.TryAcceptReceiver(handler, new AttachReply(), out var link) && isNode)
        {
            _replies[attach.TargetAddress ?? ""] = link;
        }
    }

    private void Answer(string address, AmqpMessage request)
    {
        var response = address == "$cbs" ? AnswerToken(request) : AnswerManagement(request);
        response = response with { Properties = new MessageProperties { CorrelationId = request.Properties!.MessageId } };
        _replies[request.Properties.ReplyTo!].TrySend(new OutgoingDelivery { Settled = true, Tag = [1] }, response.Encode(), out _);
    }

    private AmqpMessage AnswerToken(AmqpMessage request)
    {
        var audience = (string)request.ApplicationProperties!["name"]!;
        Log.Enqueue($"put-token {audience}");
        return new AmqpMessage
        {
            ApplicationProperties = new AmqpMap { { "status-code", OnPutToken(audience) }, { "status-description", "scripted" } },
            BodyKind = BodyKind.Value,
        };
    }

    private AmqpMessage AnswerManagement(AmqpMessage request)
    {
        var operation = (string)request.ApplicationProperties!["operation"]!;
        Log.Enqueue(operation);
        var (status, condition, body) = OnManagement(operation, (AmqpMap)request.Value!);
        var properties = new AmqpMap { { "statusCode", status }, { "statusDescription", "scripted" } };
        if (condition is not null)
        {
            properties.Add("errorCondition", new AmqpSymbol(condition));
        }

        return new AmqpMessage { ApplicationProperties = properties, BodyKind = BodyKind.Value, Value = body };
    }

    private sealed class RequestNode(ScriptedService service, string address) : IReceivingLinkHandler
    {
        public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
        {
            Assert.True(AmqpMessage.TryDecode(delivery.Payload.ToArray(), out var request));
            if (!delivery.Settled)
            {
                link.Settle(delivery.DeliveryId, Accepted.Instance);
            }

            service.Answer(address, request);
        }

        public void OnDetached(ReceivingLink link, in LinkClosure closure)
        {
        }
    }

    private sealed class SendNode(ScriptedService service) : IReceivingLinkHandler
    {
        public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
        {
            Assert.True(AmqpMessage.TryDecode(delivery.Payload.ToArray(), out var message));
            var id = delivery.DeliveryId;
            service.OnSend(message, state => link.Settle(id, state));
        }

        public void OnDetached(ReceivingLink link, in LinkClosure closure)
        {
        }
    }

    private sealed class OutgoingNode(ScriptedService service, bool isNode) : ISendingLinkHandler
    {
        public void OnSendable(SendingLink link)
        {
            if (isNode)
            {
                return;
            }

            service.Log.Enqueue(string.Create(CultureInfo.InvariantCulture, $"credit {link.Credit}"));
            while (link.Credit > 0 && service.Messages.TryDequeue(out var message))
            {
                Assert.Equal(SendOutcome.Sent, link.TrySend(new OutgoingDelivery { Tag = Guid.NewGuid().ToByteArray() }, message, out _));
            }
        }

        public void OnDrain(SendingLink link)
        {
            service.Log.Enqueue("drain");
            if (service.AnswersDrains)
            {
                link.CompleteDrain();
            }
        }

        public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
        {
            if (!disposition.Settled && service.OnSettle(disposition.State) is { } answer)
            {
                link.Settle(disposition.DeliveryId, answer);
            }
        }

        public void OnDetached(SendingLink link, in LinkClosure closure)
        {
        }
    }
}
