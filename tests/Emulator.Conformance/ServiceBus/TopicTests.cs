using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class TopicTests : ServiceBusConformance
{
    /// <summary>Every subscription gets a copy of its own, settled on its own.</summary>
    [Fact]
    public async Task SendMessage_ToTopic_EachSubscriptionGetsACopy()
    {
        await Sender(Topic).SendMessageAsync(new ServiceBusMessage("body") { MessageId = "a" }, Cancel);
        var all = Subscription(AllSubscription);
        var other = Subscription(OtherSubscription);

        var first = await NextAsync(all);
        await all.CompleteMessageAsync(first, Cancel);
        var second = await NextAsync(other);

        Assert.Equal(("a", "body"), (first.MessageId, first.Body.ToString()));
        Assert.Equal(("a", "body"), (second.MessageId, second.Body.ToString()));
        await EmptyAsync(all);
    }

    /// <summary>A subscription has a dead-letter queue of its own.</summary>
    [Fact]
    public async Task DeadLetter_InSubscription_IsInItsDeadLetterQueueOnly()
    {
        await Sender(Topic).SendMessageAsync(new ServiceBusMessage { MessageId = "a" }, Cancel);
        var all = Subscription(AllSubscription);

        await all.DeadLetterMessageAsync(await NextAsync(all), "reason", cancellationToken: Cancel);

        Assert.Equal("reason", (await NextAsync(Subscription(AllSubscription, SubQueue.DeadLetter))).DeadLetterReason);
        await EmptyAsync(Subscription(OtherSubscription, SubQueue.DeadLetter));
        Assert.Equal("a", (await NextAsync(Subscription(OtherSubscription))).MessageId);
    }

    /// <summary>Scheduling to a topic delivers to its subscriptions when the time comes.</summary>
    [Fact]
    public async Task ScheduleMessage_ToTopic_IsDeliveredThen()
    {
        var clock = Clock;
        await Sender(Topic).ScheduleMessageAsync(
            new ServiceBusMessage { MessageId = "a" }, clock.GetUtcNow() + TimeSpan.FromMinutes(1), Cancel);

        await EmptyAsync(Subscription(AllSubscription));
        clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));

        Assert.Equal("a", (await NextAsync(Subscription(AllSubscription))).MessageId);
        Assert.Equal("a", (await NextAsync(Subscription(OtherSubscription))).MessageId);
    }

    /// <summary>A subscription that is not there is MessagingEntityNotFound.</summary>
    [Fact]
    public async Task ReceiveMessage_UnknownSubscription_IsNotFound() =>
        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Subscription("no-such-subscription").ReceiveMessageAsync(Soon, Cancel));

    private ServiceBusReceiver Subscription(string name, SubQueue subQueue = SubQueue.None) =>
        Own(Client.CreateReceiver(Topic, name, new ServiceBusReceiverOptions { SubQueue = subQueue }));
}
