using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class SettlementTests : ServiceBusConformance
{
    /// <summary>Complete removes the message for good.</summary>
    [Fact]
    public async Task Complete_Locked_RemovesIt()
    {
        await SendAsync("a");
        var receiver = Receiver();

        await receiver.CompleteMessageAsync(await NextAsync(receiver), Cancel);

        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>A lock is good for one settlement: the second is MessageLockLost.</summary>
    [Fact]
    public async Task Complete_Twice_IsLockLost()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        await receiver.CompleteMessageAsync(message, Cancel);

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message, Cancel));
    }

    /// <summary>Many settlements may be under way at once on one receiver.</summary>
    [Fact]
    public async Task Complete_ManyAtOnce_RemovesAll()
    {
        await Sender().SendMessagesAsync(
            Enumerable.Range(0, 200).Select(number => new ServiceBusMessage { MessageId = $"m{number}" }), Cancel);
        var receiver = Receiver();
        var messages = new List<ServiceBusReceivedMessage>();
        while (messages.Count < 200)
        {
            messages.AddRange(await receiver.ReceiveMessagesAsync(200 - messages.Count, Soon, Cancel));
        }

        await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message, Cancel)));

        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>Abandon makes the message available at once, in its old place, counted, with properties merged.</summary>
    [Fact]
    public async Task Abandon_WithProperties_ComesAgainCountedAndChanged()
    {
        await Sender().SendMessageAsync(
            new ServiceBusMessage { MessageId = "a", ApplicationProperties = { ["keep"] = 1, ["change"] = "old" } }, Cancel);
        await SendAsync("b");
        var receiver = Receiver();

        await receiver.AbandonMessageAsync(
            await NextAsync(receiver), new Dictionary<string, object> { ["change"] = "new", ["add"] = true }, Cancel);
        var again = await NextAsync(receiver);

        Assert.Equal(("a", 2), (again.MessageId, again.DeliveryCount));
        Assert.Equal(1, again.ApplicationProperties["keep"]);
        Assert.Equal("new", again.ApplicationProperties["change"]);
        Assert.Equal(true, again.ApplicationProperties["add"]);
    }

    /// <summary>A message is dead-lettered with MaxDeliveryCountExceeded once its deliveries reach the entity's limit.</summary>
    [Fact]
    public async Task Abandon_AtMaxDeliveryCount_DeadLetters()
    {
        await SendAsync("a");
        var receiver = Receiver();
        for (var delivery = 1; delivery <= MaxDeliveryCount; delivery++)
        {
            var message = await NextAsync(receiver);
            Assert.Equal(delivery, message.DeliveryCount);
            await receiver.AbandonMessageAsync(message, cancellationToken: Cancel);
        }

        await EmptyAsync(receiver);
        var dead = await NextAsync(DeadLetters());

        Assert.Equal(("a", "MaxDeliveryCountExceeded"), (dead.MessageId, dead.DeadLetterReason));
        Assert.False(string.IsNullOrEmpty(dead.DeadLetterErrorDescription));
    }

    /// <summary>A deferred message is received by its number only, with properties merged, and is then settled as any other.</summary>
    [Fact]
    public async Task Defer_ThenReceiveByNumber_CanBeCompleted()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);

        await receiver.DeferMessageAsync(message, new Dictionary<string, object> { ["why"] = "later" }, Cancel);
        await EmptyAsync(receiver);
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancel);

        Assert.Equal(("a", message.SequenceNumber), (deferred.MessageId, deferred.SequenceNumber));
        Assert.Equal("later", deferred.ApplicationProperties["why"]);
        Assert.Equal(ServiceBusMessageState.Deferred, deferred.State);
        await receiver.CompleteMessageAsync(deferred, Cancel);
        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>A number that is no deferred message's is MessageNotFound.</summary>
    [Fact]
    public async Task ReceiveDeferred_UnknownNumber_IsMessageNotFound()
    {
        await SendAsync("a");

        await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => Receiver().ReceiveDeferredMessageAsync(987_654, Cancel));
    }

    /// <summary>An abandoned deferred message stays deferred.</summary>
    [Fact]
    public async Task Abandon_Deferred_StaysDeferred()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        await receiver.DeferMessageAsync(message, cancellationToken: Cancel);

        await receiver.AbandonMessageAsync(
            await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancel), cancellationToken: Cancel);

        await EmptyAsync(receiver);
        Assert.Equal("a", (await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancel)).MessageId);
    }

    /// <summary>
    /// A dead-lettered message is in the dead-letter queue with reason, description and properties, and can be completed there.
    /// </summary>
    [Fact]
    public async Task DeadLetter_WithReason_IsInTheDeadLetterQueue()
    {
        await SendAsync("a");
        var receiver = Receiver();

        await receiver.DeadLetterMessageAsync(
            await NextAsync(receiver),
            new Dictionary<string, object> { ["by"] = "test" },
            "bad-signature",
            "expected ES256, came none",
            Cancel);
        await EmptyAsync(receiver);
        var deadLetters = DeadLetters();
        var dead = await NextAsync(deadLetters);

        Assert.Equal(("a", "body of a"), (dead.MessageId, dead.Body.ToString()));
        Assert.Equal(("bad-signature", "expected ES256, came none"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal("test", dead.ApplicationProperties["by"]);
        await deadLetters.CompleteMessageAsync(dead, Cancel);
        Assert.Null(await deadLetters.PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>Dead-lettering needs no reason.</summary>
    [Fact]
    public async Task DeadLetter_WithoutReason_IsInTheDeadLetterQueue()
    {
        await SendAsync("a");
        var receiver = Receiver();

        await receiver.DeadLetterMessageAsync(await NextAsync(receiver), cancellationToken: Cancel);
        var dead = await NextAsync(DeadLetters());

        Assert.Equal("a", dead.MessageId);
        Assert.Null(dead.DeadLetterReason);
    }

    /// <summary>A deferred message, which has no delivery on a link, can be dead-lettered with a reason too.</summary>
    [Fact]
    public async Task DeadLetter_Deferred_KeepsTheReason()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        await receiver.DeferMessageAsync(message, cancellationToken: Cancel);

        await receiver.DeadLetterMessageAsync(
            await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancel), "reason", "description", Cancel);
        var dead = await NextAsync(DeadLetters());

        Assert.Equal(("reason", "description"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
    }

    /// <summary>A lock does not depend on the link it came by: another receiver of the entity can settle the message.</summary>
    [Fact]
    public async Task Complete_AfterTheReceiverClosed_ThroughAnother_RemovesIt()
    {
        await SendAsync("a");
        var first = Receiver();
        var message = await NextAsync(first);
        await first.CloseAsync(Cancel);

        var second = Receiver();
        await EmptyAsync(second);
        await second.CompleteMessageAsync(message, Cancel);

        Assert.Null(await second.PeekMessageAsync(cancellationToken: Cancel));
    }
}
