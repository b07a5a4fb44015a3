using System.Security.Cryptography;
using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Peers;
using Emulator.Amqp.Transport;
using Emulator.Amqp.Types;
using Relay.Testing;

namespace Emulator.Amqp.Tests.Client;

public sealed class LoopbackTests
{
    private readonly TestBroker _broker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_ThenReceive_BringsEveryPayloadOnceInOrder(bool tcp)
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "q1" } }, Token);
        var sends = Enumerable.Range(0, 3000).Select(i => sender.SendAsync(Message(i), 0, null, Token)).ToArray();
        foreach (var state in await TestDeadline.Within(Task.WhenAll(sends)))
        {
            Assert.IsType<Accepted>(state);
        }

        await using var receiver = await client.OpenReceiverAsync(
            new AmqpReceiverOptions { Source = new Source { Address = "q1" }, RcvSettleMode = 1 }, Token);
        receiver.SetCredit(3000);
        for (var i = 0; i < 3000; i++)
        {
            var delivery = await receiver.ReceiveAsync(Token);
            Assert.Equal(Message(i), delivery.Payload.ToArray());
            Assert.Equal(16, delivery.Tag.Length);
            Assert.False(delivery.Settled);
            Assert.IsType<Accepted>(await receiver.SettleAsync(delivery.DeliveryId, Accepted.Instance, Token));
        }

        Assert.Equal(3000, _broker.Queue("q1").Settled);
        Assert.Equal(0, receiver.Link.UnsettledCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_MessageOverTheLimit_FailsOrIsRejectedAndTheLinkGoesOn(bool knowsTheLimit)
    {
        _broker.Reply = new AttachReply { MaxMessageSize = 200_000 };
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "small" } }, Token);
        if (!knowsTheLimit)
        {
            sender.Link.RemoteAttach = sender.Link.RemoteAttach! with { MaxMessageSize = null };
        }

        for (var i = 0; i < 3; i++)
        {
            var error = await TestDeadline.Within(ErrorOfAsync(sender, new byte[2_000_000]));
            Assert.Equal(AmqpCondition.MessageSizeExceeded, error!.Condition);
            Assert.IsType<Accepted>(await TestDeadline.Within(sender.SendAsync(new byte[200_000], 0, null, Token)));
        }

        Assert.Equal(3, _broker.Queue("small").Ready.Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 700_000)]
    [InlineData(false, 700_000)]
    public async Task SendAsync_LargeMessage_ComesBackWhole(bool tcp, int size)
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "big" } }, Token);
        await using var receiver = await client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "big" } }, Token);
        receiver.SetCredit(10);
        var payloads = Enumerable.Range(0, 5).Select(_ => RandomNumberGenerator.GetBytes(size)).ToArray();
        var sends = Array.ConvertAll(payloads, payload => sender.SendAsync(payload, MessageBatch.MessageFormat, null, Token));
        foreach (var payload in payloads)
        {
            var delivery = await receiver.ReceiveAsync(Token);
            Assert.Equal(payload, delivery.Payload.ToArray());
            Assert.Equal(MessageBatch.MessageFormat, delivery.MessageFormat);
        }

        await TestDeadline.Within(Task.WhenAll(sends));
    }

    [Fact]
    public async Task SendAsync_LargerThanThePeerTakes_FailsBeforeTheWire()
    {
        _broker.Reply = new AttachReply { MaxMessageSize = 1000 };
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "q1" } }, Token);
        Assert.Equal(1000, sender.MaxMessageSize);
        var error = await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(new byte[1001], 0, null, Token));
        Assert.Equal(AmqpCondition.MessageSizeExceeded, error.Error.Condition);
        Assert.IsType<Accepted>(await sender.SendAsync(new byte[1000], 0, null, Token));
    }

    [Fact]
    public async Task DrainAsync_FewerMessagesThanCredit_ReturnsAfterTheLastAndLeavesTheLinkUsable()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        _broker.Queue("q1").Enqueue(Message(1));
        await using var receiver = await client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "q1" } }, Token);
        receiver.SetCredit(10);
        await TestDeadline.Within(receiver.DrainAsync(Token));
        Assert.True(receiver.TryReceive(out _));
        Assert.False(receiver.TryReceive(out _));
        Assert.Equal(0u, receiver.Link.Credit);
        _broker.Queue("q1").Enqueue(Message(2));
        receiver.AddCredit(1);
        Assert.Equal(Message(2), (await receiver.ReceiveAsync(Token)).Payload.ToArray());
        await TestDeadline.Within(receiver.DrainAsync(Token));
    }

    [Fact]
    public async Task ReceiveAndDelete_SettledTransfers_NeedNoSettlement()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        _broker.Queue("q1").Enqueue(Message(1));
        await using var receiver = await client.OpenReceiverAsync(
            new AmqpReceiverOptions { Source = new Source { Address = "q1" }, SndSettleMode = 1 }, Token);
        receiver.SetCredit(1);
        var delivery = await receiver.ReceiveAsync(Token);
        Assert.True(delivery.Settled);
        Assert.Equal((byte)1, receiver.Link.RemoteAttach!.SndSettleMode);
        var error = await Assert.ThrowsAsync<AmqpException>(() => receiver.SettleAsync(delivery.DeliveryId, Accepted.Instance, Token));
        Assert.Equal(AmqpCondition.NotFound, error.Error.Condition);
    }

    public static TheoryData<DeliveryState> Outcomes =>
    [
        Accepted.Instance,
        Released.Instance,
        new Modified(),
        new Modified(UndeliverableHere: true, MessageAnnotations: new AmqpMap { { new AmqpSymbol("a"), 1 } }),
        new Rejected(new AmqpError("com.microsoft:dead-letter", null, new AmqpMap { { "DeadLetterReason", "why" } })),
        new TransactionalState(new byte[] { 1, 2, 3 }, Accepted.Instance),
    ];

    [Theory]
    [MemberData(nameof(Outcomes), DisableDiscoveryEnumeration = true)]
    public async Task SettleAsync_EachOutcome_ReachesTheBrokerAndBringsItsAnswer(DeliveryState outcome)
    {
        var answer = new Rejected(new AmqpError("com.microsoft:message-lock-lost", "Too late."));
        _broker.Queue("q1").Answer = answer;
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        _broker.Queue("q1").Enqueue(Message(1));
        await using var receiver = await client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "q1" } }, Token);
        receiver.SetCredit(1);
        var delivery = await receiver.ReceiveAsync(Token);
        var got = Assert.IsType<Rejected>(await receiver.SettleAsync(delivery.DeliveryId, outcome, Token));
        Assert.Equal(answer.Error, got.Error);
        Assert.Equal(outcome.GetType(), Assert.Single(_broker.Queue("q1").Outcomes)!.GetType());
    }

    [Fact]
    public async Task SendAsync_WithTransactionalState_BringsItBack()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "q1" } }, Token);
        var state = await sender.SendAsync(Message(1), 0, new TransactionalState(new byte[] { 9 }, null), Token);
        Assert.IsType<Accepted>(Assert.IsType<TransactionalState>(state).Outcome);
        Assert.Equal([9], Assert.IsType<TransactionalState>(_broker.Queue("q1").Ready[0].State).TransactionId.ToArray());
    }

    [Fact]
    public async Task OpenSenderAsync_Refused_ThrowsTheBrokersError()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        var sender = await Assert.ThrowsAsync<AmqpException>(
            () => client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "missing" } }, Token));
        Assert.Equal(AmqpCondition.NotFound, sender.Error.Condition);
        var receiver = await Assert.ThrowsAsync<AmqpException>(
            () => client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "missing" } }, Token));
        Assert.Equal("The messaging entity 'missing' could not be found.", receiver.Error.Description);
        await TestDeadline.Until(() => client.Connection.Sessions.Count == 0, "sessions of refused links to end");
    }

    [Fact]
    public async Task OpenReceiverAsync_Held_CompletesWhenAcceptedLater()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        var opening = client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "held" } }, Token);
        await TestDeadline.Until(() => !_broker.Held.IsEmpty, "the attach");
        Assert.False(opening.IsCompleted);
        Assert.True(_broker.Held.TryDequeue(out var request));
        _broker.Queue("held").Subscribe(_broker, request);
        Assert.False(request.IsPending);
        Assert.False(request.TryRefuse(new AmqpError(AmqpCondition.InternalError)));
        await using var receiver = await TestDeadline.Within(opening);
        receiver.SetCredit(1);
        _broker.Queue("held").Enqueue(Message(5));
        Assert.Equal(Message(5), (await receiver.ReceiveAsync(Token)).Payload.ToArray());
    }

    [Fact]
    public async Task OpenReceiverAsync_CancelledWhileHeld_AbandonsTheRequest()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var opening = client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "held" } }, cancel.Token);
        await TestDeadline.Until(() => !_broker.Held.IsEmpty, "the attach");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        await TestDeadline.Until(() => !_broker.Abandoned.IsEmpty, "the abandoned request");
        Assert.True(_broker.Held.TryDequeue(out var request));
        Assert.False(request.TryAcceptReceiver(new NullSender(), new AttachReply(), out _));
    }

    [Fact]
    public async Task ConnectAsync_OpenRefused_ThrowsTheBrokersErrorOrClosesAtOnce()
    {
        await using var listener = _broker.Listen();
        var options = Options(listener) with { Connection = new AmqpConnectionOptions { HostName = "refused" } };
        AmqpError? error;
        try
        {
            await using var client = await AmqpClientConnection.ConnectAsync(options, Token);
            error = await TestDeadline.Within(client.Closed);
        }
        catch (AmqpException exception)
        {
            error = exception.Error;
        }

        Assert.Equal(AmqpCondition.NotAllowed, error!.Condition);
    }

    [Fact]
    public async Task StopAsync_OpenConnections_ClosesThemWithTheError()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        await using var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "q1" } }, Token);
        await TestDeadline.Within(listener.StopAsync(new AmqpError(AmqpCondition.ConnectionForced, "Going down."), Token));
        Assert.Equal("Going down.", (await TestDeadline.Within(client.Closed))!.Description);
        Assert.Equal("Going down.", (await TestDeadline.Within(sender.Closed))!.Description);
        await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(Message(1), 0, null, Token));
        Assert.Equal(0, listener.ConnectionCount);
    }

    [Fact]
    public async Task OnAttach_HandlerThrows_ClosesWithInternalErrorAndServesOthers()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        await Assert.ThrowsAsync<AmqpException>(
            () => client.OpenReceiverAsync(new AmqpReceiverOptions { Source = new Source { Address = "throws" } }, Token));
        Assert.Equal(AmqpCondition.InternalError, (await TestDeadline.Within(client.Closed))!.Condition);
        await using var other = await ConnectAsync(listener, tcp: true);
        Assert.True(other.IsOpen);
    }

    [Fact]
    public async Task ConnectAsync_Plain_SendsItsCredentials()
    {
        await using var listener = _broker.Listen();
        var options = Options(listener) with { Plain = ("user", "secret") };
        await using var client = await AmqpClientConnection.ConnectAsync(options, Token);
        Assert.True(_broker.Opened.TryDequeue(out var connection));
        Assert.Equal("PLAIN", connection.Sasl!.Mechanism);
        Assert.Equal("\0user\0secret"u8.ToArray(), connection.Sasl.InitialResponse!.Value.ToArray());
        Assert.DoesNotContain("secret", connection.Sasl.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestAsync_ManyAtOnce_EachGetsItsOwnResponse()
    {
        var node = new EchoNode();
        await using var listener = AmqpListener.Start(
            new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), new AmqpListenerOptions(), _ => node);
        await using var client = await ConnectAsync(listener, tcp: true);
        await using var link = await client.OpenRequestLinkAsync("$cbs", Token);
        var requests = Enumerable.Range(0, 300).Select(i => link.RequestAsync(
            new AmqpMessage { ApplicationProperties = new AmqpMap { { "operation", "echo" } }, BodyKind = BodyKind.Value, Value = i }, null, Token)).ToArray();
        var responses = await TestDeadline.Within(Task.WhenAll(requests));
        for (var i = 0; i < responses.Length; i++)
        {
            Assert.Equal(i, responses[i].Value);
        }
    }

    [Fact]
    public async Task CloseAsync_SenderWithOwnSession_EndsItOnBothSides()
    {
        await using var listener = _broker.Listen();
        await using var client = await ConnectAsync(listener, tcp: true);
        var sender = await client.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "q1" } }, Token);
        await TestDeadline.Within(sender.CloseAsync(Token));
        await TestDeadline.Until(() => _broker.SessionsEnded == 1 && client.Connection.Sessions.Count == 0, "both sides to end the session");
        Assert.True(_broker.LinkClosures.TryDequeue(out var closure));
        Assert.Equal(new LinkClosure(ClosureScope.Link, ByPeer: true, null), closure);
    }

    private static byte[] Message(int number) => new AmqpMessage { BodyKind = BodyKind.Value, Value = number }.Encode();

    private static AmqpClientOptions Options(AmqpListener listener) => new() { Host = "127.0.0.1", Port = listener.EndPoint.Port };

    private static async Task<AmqpClientConnection> ConnectAsync(AmqpListener listener, bool tcp)
    {
        if (tcp)
        {
            return await AmqpClientConnection.ConnectAsync(Options(listener), Token);
        }

        var (left, right) = DuplexStream.CreatePair();
        _ = listener.ServeAsync(left, "memory", Token);
        return await AmqpClientConnection.ConnectAsync(right, Options(listener), Token);
    }

    private static async Task<AmqpError?> ErrorOfAsync(AmqpSender sender, byte[] payload)
    {
        try
        {
            return (await sender.SendAsync(payload, 0, null, Token) as Rejected)?.Error;
        }
        catch (AmqpException e)
        {
            return e.Error;
        }
    }
}
