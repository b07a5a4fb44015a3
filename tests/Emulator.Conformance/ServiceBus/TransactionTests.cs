using System.Transactions;
using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class TransactionTests : ServiceBusConformance
{
    /// <summary>A send and a completion in one scope happen when it completes, not before.</summary>
    [Fact]
    public async Task Complete_SendAndSettlement_HappenTogether()
    {
        await SendAsync("in");
        var receiver = Receiver();
        var sender = Sender();
        var message = await NextAsync(receiver);

        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync(message, Cancel);
            await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "out" }, Cancel);
            using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
            {
                Assert.Equal(["in"], (await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel)).Select(peeked => peeked.MessageId));
            }

            scope.Complete();
        }

        Assert.Equal("out", (await NextAsync(receiver)).MessageId);
        Assert.Equal(["out"], (await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel)).Select(peeked => peeked.MessageId));
    }

    /// <summary>
    /// A scope that is not completed sends nothing and settles nothing: the message stays locked and can be settled afterwards.
    /// </summary>
    [Fact]
    public async Task Dispose_WithoutComplete_ChangesNothing()
    {
        await SendAsync("in");
        var receiver = Receiver();
        var sender = Sender();
        var message = await NextAsync(receiver);

        using (Scope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "out" }, Cancel);
            await receiver.CompleteMessageAsync(message, Cancel);
        }

        await EmptyAsync(receiver);
        Assert.Equal(["in"], (await receiver.PeekMessagesAsync(10, cancellationToken: Cancel)).Select(peeked => peeked.MessageId));
        await receiver.CompleteMessageAsync(message, Cancel);
        Assert.Empty(await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel));
    }

    /// <summary>Abandon, defer and dead-letter take part as completion does.</summary>
    [Fact]
    public async Task Complete_EveryKindOfSettlement_TakesPart()
    {
        await SendAsync("abandon", "defer", "dead");
        var receiver = Receiver();
        var messages = new[] { await NextAsync(receiver), await NextAsync(receiver), await NextAsync(receiver) };

        using (var scope = Scope())
        {
            await receiver.AbandonMessageAsync(messages[0], cancellationToken: Cancel);
            await receiver.DeferMessageAsync(messages[1], cancellationToken: Cancel);
            await receiver.DeadLetterMessageAsync(messages[2], "why", cancellationToken: Cancel);
            scope.Complete();
        }

        Assert.Equal(("abandon", 2), await NextAsync(receiver) is var again ? (again.MessageId, again.DeliveryCount) : default);
        Assert.Equal("defer", (await receiver.ReceiveDeferredMessageAsync(messages[1].SequenceNumber, Cancel)).MessageId);
        Assert.Equal("why", (await NextAsync(DeadLetters())).DeadLetterReason);
    }

    /// <summary>With cross-entity transactions a message moves from one entity to others in one step.</summary>
    [Fact]
    public async Task Complete_AcrossEntities_MovesInOneStep()
    {
        await using var client = new ServiceBusClient(
            ConnectionString, new ServiceBusClientOptions { EnableCrossEntityTransactions = true });
        await SendAsync("in");
        var receiver = client.CreateReceiver(Queue);
        var queue = client.CreateSender(DedupQueue);
        var topic = client.CreateSender(Topic);
        var message = await NextAsync(receiver);

        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync(message, Cancel);
            await queue.SendMessageAsync(new ServiceBusMessage { MessageId = "to-queue" }, Cancel);
            await topic.SendMessagesAsync([new ServiceBusMessage { MessageId = "t1" }, new ServiceBusMessage { MessageId = "t2" }], Cancel);
            scope.Complete();
        }

        Assert.Equal("to-queue", (await NextAsync(Receiver(DedupQueue))).MessageId);
        var subscription = Own(Client.CreateReceiver(Topic, AllSubscription));
        Assert.Equal("t1", (await NextAsync(subscription)).MessageId);
        Assert.Equal("t2", (await NextAsync(subscription)).MessageId);
        Assert.Empty(await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel));
    }

    /// <summary>Scheduling takes part: the number is known at once, the message is there when the scope completes and not before.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Schedule_InAScope_IsThereWhenItCompletes(bool isCompleted)
    {
        var (sender, later) = (Sender(), TimeProvider.System.GetUtcNow().AddHours(1));
        long number;
        using (var scope = Scope())
        {
            number = await sender.ScheduleMessageAsync(new ServiceBusMessage("later") { MessageId = "later" }, later, Cancel);
            if (isCompleted) scope.Complete();
        }

        await SendAsync("now");
        var peeked = await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel);
        Assert.Equal(isCompleted ? ["later", "now"] : ["now"], peeked.Select(message => message.MessageId));
        if (isCompleted)
        {
            Assert.Equal((number, ServiceBusMessageState.Scheduled), (peeked[0].SequenceNumber, peeked[0].State));
            await sender.CancelScheduledMessageAsync(number, Cancel);
            Assert.Equal(["now"], (await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel)).Select(message => message.MessageId));
        }
        else
        {
            await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => sender.CancelScheduledMessageAsync(number, Cancel));
        }
    }

    /// <summary>Without cross-entity transactions a scope is of one entity.</summary>
    [Fact]
    public async Task Send_ToASecondEntityWithoutTheOption_IsRefused()
    {
        var (first, second) = (Sender(), Sender(DedupQueue));
        using (var scope = Scope())
        {
            await first.SendMessageAsync(new ServiceBusMessage { MessageId = "first" }, Cancel);
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(
                () => second.SendMessageAsync(new ServiceBusMessage { MessageId = "second" }, Cancel));
            Assert.StartsWith("Local transactions cannot span multiple", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A cross-entity client receives from the entity that it used first, and sends to any.</summary>
    [Fact]
    public async Task Receive_FromASecondEntityWithACrossEntityClient_IsRefused()
    {
        await using var client = new ServiceBusClient(
            ConnectionString, new ServiceBusClientOptions { EnableCrossEntityTransactions = true });
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage { MessageId = "first" }, Cancel);
        await client.CreateSender(DedupQueue).SendMessageAsync(new ServiceBusMessage { MessageId = "any" }, Cancel);

        Assert.Equal("first", (await NextAsync(client.CreateReceiver(Queue))).MessageId);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => client.CreateReceiver(DedupQueue).ReceiveMessageAsync(Soon, Cancel));
        Assert.StartsWith("Local transactions cannot span multiple top-level entities", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A send that was rolled back is not in the duplicate history: the same id can be sent again.</summary>
    [Fact]
    public async Task Dispose_SendToADuplicateDetectingQueue_LeavesNoTrace()
    {
        var sender = Sender(DedupQueue);
        using (Scope())
        {
            await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "same" }, Cancel);
        }

        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "same" }, Cancel);

        Assert.Equal("same", (await NextAsync(Receiver(DedupQueue))).MessageId);
    }

    /// <summary>A lock that is lost before the scope ends fails it, and nothing of it happens.</summary>
    [Fact]
    public async Task Complete_LockLostMeanwhile_FailsAndChangesNothing()
    {
        var clock = Clock;
        await SendAsync("in");
        var receiver = Receiver();
        var sender = Sender();
        var message = await NextAsync(receiver);
        var scope = Scope();
        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "out" }, Cancel);
        await receiver.CompleteMessageAsync(message, Cancel);
        clock.Advance(LockDuration + TimeSpan.FromSeconds(1));
        scope.Complete();

        Assert.ThrowsAny<TransactionException>(scope.Dispose);

        Assert.Equal(["in"], (await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel)).Select(peeked => peeked.MessageId));
    }

    /// <summary>A scope with another isolation level than Serializable is refused.</summary>
    [Fact]
    public async Task Send_OtherIsolationLevel_IsRefused()
    {
        var sender = Sender();
        using var scope = new TransactionScope(
            TransactionScopeOption.Required, new TransactionOptions { IsolationLevel = IsolationLevel.ReadCommitted }, TransactionScopeAsyncFlowOption.Enabled);

        await Assert.ThrowsAsync<InvalidOperationException>(() => sender.SendMessageAsync(new ServiceBusMessage("x"), Cancel));
    }

    private static TransactionScope Scope() => new(TransactionScopeAsyncFlowOption.Enabled);
}
