using System.Collections.Concurrent;
using Relay.Amqp.Framing;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;
using Relay.Testing;

namespace Azure.Messaging.ServiceBus.Tests.Scripted;

/// <summary>What the client does when the service does what a well-behaved one rarely does.</summary>
public sealed class ScriptedServiceTests : IAsyncDisposable
{
    private static readonly AmqpError NotFound = new(AmqpCondition.NotFound, "unknown delivery");
    private readonly ScriptedService _service = new();
    private readonly ManualTimeProvider _time = new();
    private ServiceBusClient? _client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Open_EachEntity_AuthorizesOnceAndUsesTheLeadingSlash()
    {
        var client = Client();
        await client.CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel);
        await client.CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel);

        Assert.Equal(["put-token sb://127.0.0.1/q1", "attach /q1", "attach /q1"], _service.Log);
    }

    [Fact]
    public async Task Send_ManyOutstanding_NoneWaitsForAnother()
    {
        var settles = new ConcurrentQueue<Action<DeliveryState>>();
        _service.OnSend = (_, settle) => settles.Enqueue(settle);
        var sender = Client().CreateSender("q1");

        var sends = Enumerable.Range(0, 200).Select(_ => sender.SendMessageAsync(new ServiceBusMessage(), Cancel)).ToList();
        await TestDeadline.Until(() => settles.Count == 200, "200 sends under way");
        Assert.DoesNotContain(sends, send => send.IsCompleted);
        foreach (var settle in settles)
        {
            settle(Accepted.Instance);
        }

        await TestDeadline.Within(Task.WhenAll(sends));
        Assert.Equal(1, _service.CountOf("attach /q1"));
    }

    [Theory]
    [InlineData("com.microsoft:entity-disabled", ServiceBusFailureReason.MessagingEntityDisabled)]
    [InlineData("amqp:resource-limit-exceeded", ServiceBusFailureReason.QuotaExceeded)]
    public async Task Send_Rejected_ThrowsItsReason(string condition, ServiceBusFailureReason reason)
    {
        _service.OnSend = (_, settle) => settle(new Rejected(new AmqpError(condition, "scripted")));

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => Client().CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel));

        Assert.Equal((reason, "q1"), (exception.Reason, exception.EntityPath));
    }

    [Fact]
    public async Task Send_RejectedAsTransient_IsTriedAgain()
    {
        var tries = 0;
        _service.OnSend = (_, settle) => settle(++tries < 3 ? new Rejected(new AmqpError(AmqpCondition.InternalError)) : Accepted.Instance);

        await Client(new ServiceBusRetryOptions { Delay = TimeSpan.FromMilliseconds(1) }).CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel);

        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Send_NeverAnswered_IsServiceTimeout()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _service.OnSend = (_, _) => arrived.TrySetResult();
        var sending = Client(new ServiceBusRetryOptions { MaxRetries = 0 }, _time).CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel);
        await TestDeadline.Within(arrived.Task);

        _time.Advance(TimeSpan.FromMinutes(1));

        var exception = await TestDeadline.Within(Assert.ThrowsAsync<ServiceBusException>(() => sending));
        Assert.Equal((ServiceBusFailureReason.ServiceTimeout, true), (exception.Reason, exception.IsTransient));
    }

    [Fact]
    public async Task Open_TokenRefused_IsUnauthorized()
    {
        _service.OnPutToken = _ => 401;

        await Assert.ThrowsAsync<UnauthorizedAccessException>(
            () => Client(new ServiceBusRetryOptions { MaxRetries = 0 }).CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel));
    }

    [Fact]
    public async Task Open_TokenOfUnknownEntity_IsNotFoundAtOnce()
    {
        _service.OnPutToken = _ => 404;

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => Client().CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, exception.Reason);
        Assert.Equal(1, _service.CountOf("put-token sb://127.0.0.1/q1"));
    }

    [Fact]
    public async Task Token_BeforeItsEnd_IsRenewedOnTheSameConnection()
    {
        await Client(null, _time).CreateSender("q1").SendMessageAsync(new ServiceBusMessage(), Cancel);

        var started = _time.GetUtcNow();
        await TestDeadline.Until(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return _service.CountOf("put-token sb://127.0.0.1/q1") >= 2;
            },
            "the renewal");

        // Half an hour less 7 minutes and at most 30 s of jitter.
        Assert.True(_time.GetUtcNow() - started > TimeSpan.FromMinutes(22.5), $"Renewed after {_time.GetUtcNow() - started}.");
    }

    [Fact]
    public async Task Receive_FewerThanAsked_TakesWhatIsThereAndWithdrawsTheRest()
    {
        Enqueue("a", "b", "c");
        var receiver = Client().CreateReceiver("q1");

        var messages = await receiver.ReceiveMessagesAsync(10, null, Cancel);

        Assert.Equal(["a", "b", "c"], messages.Select(message => message.MessageId));
        Assert.Equal(["attach /q1", "credit 10", "drain"], _service.Log.Skip(1));
    }

    [Fact]
    public async Task Receive_AsManyAsAsked_DrainsNothing()
    {
        Enqueue("a", "b", "c");

        var messages = await Client().CreateReceiver("q1").ReceiveMessagesAsync(3, null, Cancel);

        Assert.Equal(3, messages.Count);
        Assert.Equal(0, _service.CountOf("drain"));
    }

    [Fact]
    public async Task Receive_DrainNeverAnswered_OpensAnotherLink()
    {
        _service.AnswersDrains = false;
        Enqueue("a");
        var receiver = Client(null, _time).CreateReceiver("q1");
        var first = receiver.ReceiveMessagesAsync(2, null, Cancel);
        await TestDeadline.Until(() => _service.CountOf("drain") == 1, "the drain");

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("a", Assert.Single(await TestDeadline.Within(first)).MessageId);
        Enqueue("b");

        Assert.Equal("b", (await TestDeadline.Within(receiver.ReceiveMessageAsync(null, Cancel))).MessageId);
        Assert.Equal(2, _service.CountOf("attach /q1"));
    }

    [Fact]
    public async Task Receive_LinkRefusedForGood_ThrowsWithoutRetry()
    {
        _service.OnAttach = _ => new AmqpError(AmqpCondition.NotFound, "The messaging entity 'sb://h/q1' could not be found.");

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => Client().CreateReceiver("q1").ReceiveMessageAsync(null, Cancel));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, exception.Reason);
        Assert.Equal(1, _service.CountOf("attach /q1"));
    }

    [Fact]
    public async Task Receive_EntityThatNeedsSessions_IsInvalidOperation()
    {
        _service.OnAttach = _ => new AmqpError(AmqpCondition.NotAllowed, "sessions");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Client().CreateReceiver("q1").ReceiveMessageAsync(null, Cancel));
    }

    [Fact]
    public async Task Settle_LinkDoesNotKnowTheDelivery_GoesOverManagement()
    {
        AmqpMap? sent = null;
        _service.OnSettle = _ => new Rejected(NotFound);
        _service.OnManagement = (_, body) => { sent = body; return (200, null, null); };
        var (receiver, message) = await ReceivedAsync();

        await receiver.DeadLetterMessageAsync(message, new Dictionary<string, object> { ["k"] = 1 }, "why", "in detail", Cancel);

        Assert.Equal(1, _service.CountOf("com.microsoft:update-disposition"));
        Assert.Equal(Guid.Parse(message.LockToken), Assert.Single((Guid[])sent!["lock-tokens"]!));
        Assert.Equal(("suspended", "why", "in detail"), (sent["disposition-status"], sent["deadletter-reason"], sent["deadletter-description"]));
        Assert.Equal(1, ((AmqpMap)sent["properties-to-modify"]!)["k"]);
    }

    [Fact]
    public async Task Settle_LockLost_IsThrownAndNotRetried()
    {
        var settles = 0;
        _service.OnSettle = _ => { settles++; return new Rejected(new AmqpError("com.microsoft:message-lock-lost", "gone")); };
        var (receiver, message) = await ReceivedAsync();

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message, Cancel));

        Assert.Equal(ServiceBusFailureReason.MessageLockLost, exception.Reason);
        Assert.Equal(1, settles);
        Assert.Equal(0, _service.CountOf("com.microsoft:update-disposition"));
    }

    [Fact]
    public async Task Settle_EachWay_SendsTheDocumentedOutcome()
    {
        var outcomes = new ConcurrentQueue<DeliveryState?>();
        _service.OnSettle = state => { outcomes.Enqueue(state); return state is Rejected ? new Rejected(null) : state; };
        Enqueue("a", "b", "c", "d", "e");
        var receiver = Client().CreateReceiver("q1");
        var messages = await receiver.ReceiveMessagesAsync(5, null, Cancel);

        await receiver.CompleteMessageAsync(messages[0], Cancel);
        await receiver.AbandonMessageAsync(messages[1], new Dictionary<string, object> { ["k"] = 1 }, Cancel);
        await receiver.DeferMessageAsync(messages[2], null, Cancel);
        await receiver.DeadLetterMessageAsync(messages[3], null, "why", "in detail", Cancel);
        await receiver.DeadLetterMessageAsync(messages[4], cancellationToken: Cancel);

        Assert.Collection(
            outcomes,
            state => Assert.IsType<Accepted>(state),
            state => Assert.Equal((null, 1), (Assert.IsType<Modified>(state).UndeliverableHere, Assert.IsType<Modified>(state).MessageAnnotations![new AmqpSymbol("k")])),
            state => Assert.True(Assert.IsType<Modified>(state).UndeliverableHere),
            state =>
            {
                var error = Assert.IsType<Rejected>(state).Error!;
                Assert.Equal("com.microsoft:dead-letter", error.Condition.Value);
                Assert.Equal(("why", "in detail"), (error.Info![new AmqpSymbol("DeadLetterReason")], error.Info[new AmqpSymbol("DeadLetterErrorDescription")]));
            },
            state => Assert.Null(Assert.IsType<Rejected>(state).Error));
    }

    [Theory]
    [InlineData(410, "com.microsoft:message-lock-lost", ServiceBusFailureReason.MessageLockLost)]
    [InlineData(410, null, ServiceBusFailureReason.MessageLockLost)]
    [InlineData(404, "com.microsoft:message-not-found", ServiceBusFailureReason.MessageNotFound)]
    [InlineData(404, null, ServiceBusFailureReason.MessagingEntityNotFound)]
    public async Task Management_Fails_ThrowsItsReason(int status, string? condition, ServiceBusFailureReason reason)
    {
        _service.OnManagement = (_, _) => (status, condition, null);

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => Client().CreateReceiver("q1").ReceiveDeferredMessageAsync(1, Cancel));

        Assert.Equal(reason, exception.Reason);
    }

    [Theory]
    [InlineData(204, null)]
    [InlineData(404, "com.microsoft:message-not-found")]
    public async Task Peek_NothingInEitherForm_IsEmpty(int status, string? condition)
    {
        _service.OnManagement = (_, _) => (status, condition, null);

        Assert.Empty(await Client().CreateReceiver("q1").PeekMessagesAsync(5, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Management_UnreadableSuccess_IsAPermanentFailure()
    {
        _service.OnManagement = (_, _) => (200, null, new AmqpMap { { "messages", "not a list" } });

        var exception = await Assert.ThrowsAsync<ServiceBusException>(() => Client().CreateReceiver("q1").PeekMessagesAsync(5, cancellationToken: Cancel));

        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Send_InATransactionOfAnotherIsolation_IsRefusedLoudly()
    {
        var sender = Client().CreateSender("q1");
        using var transaction = new System.Transactions.TransactionScope(
            System.Transactions.TransactionScopeOption.Required,
            new System.Transactions.TransactionOptions { IsolationLevel = System.Transactions.IsolationLevel.ReadCommitted },
            System.Transactions.TransactionScopeAsyncFlowOption.Enabled);

        await Assert.ThrowsAsync<InvalidOperationException>(() => sender.SendMessageAsync(new ServiceBusMessage(), Cancel));

        Assert.Empty(_service.Log);
    }

    // A clock that jumps would count the peer as silent: without idle timeout it does not.
    private ServiceBusClient Client(ServiceBusRetryOptions? retries = null, TimeProvider? time = null) => _client = new ServiceBusClient(
        _service.ConnectionString,
        new ServiceBusClientOptions { RetryOptions = retries ?? new(), TimeProvider = time ?? TimeProvider.System, ConnectionIdleTimeout = TimeSpan.Zero });

    private void Enqueue(params string[] ids)
    {
        foreach (var id in ids)
        {
            _service.Messages.Enqueue(new AmqpMessage
            {
                Header = new MessageHeader { DeliveryCount = 0 },
                Properties = new MessageProperties { MessageId = id },
                BodyKind = BodyKind.Data,
                Data = [new byte[] { 1 }],
            }.Encode());
        }
    }

    private async Task<(ServiceBusReceiver Receiver, ServiceBusReceivedMessage Message)> ReceivedAsync()
    {
        Enqueue("a");
        var receiver = Client().CreateReceiver("q1");
        return (receiver, await receiver.ReceiveMessageAsync(null, Cancel));
    }
}
