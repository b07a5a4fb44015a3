using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class TimeTests : ServiceBusConformance
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A message past its time to live goes to the dead-letter queue of an entity that dead-letters on expiry.</summary>
    [Fact]
    public async Task TimeToLive_Passes_DeadLetters()
    {
        var clock = Clock;
        await Sender().SendMessageAsync(new ServiceBusMessage { MessageId = "a", TimeToLive = TimeSpan.FromSeconds(30) }, Cancel);

        clock.Advance(TimeSpan.FromSeconds(31));

        await EmptyAsync(Receiver());
        var dead = await NextAsync(DeadLetters());
        Assert.Equal(("a", "TTLExpiredException"), (dead.MessageId, dead.DeadLetterReason));
    }

    /// <summary>A message within its time to live is delivered and says when it would expire.</summary>
    [Fact]
    public async Task TimeToLive_NotOver_IsDelivered()
    {
        await Sender().SendMessageAsync(new ServiceBusMessage { TimeToLive = TimeSpan.FromMinutes(5) }, Cancel);

        var message = await NextAsync(Receiver());

        Assert.Equal(message.EnqueuedTime + TimeSpan.FromMinutes(5), message.ExpiresAt);
    }

    /// <summary>A locked message does not expire before its lock does.</summary>
    [Fact]
    public async Task TimeToLive_PassesWhileLocked_CanStillBeCompleted()
    {
        var clock = Clock;
        await Sender().SendMessageAsync(new ServiceBusMessage { TimeToLive = TimeSpan.FromSeconds(10) }, Cancel);
        var receiver = Receiver();
        var message = await NextAsync(receiver);

        clock.Advance(TimeSpan.FromSeconds(20));

        await receiver.CompleteMessageAsync(message, Cancel);
        await EmptyAsync(DeadLetters());
    }

    /// <summary>A message scheduled through the API is invisible to receivers until its time, then active.</summary>
    [Fact]
    public async Task ScheduleMessage_TimeComes_IsDelivered()
    {
        var clock = Clock;
        var due = clock.GetUtcNow() + TimeSpan.FromMinutes(5);

        var number = await Sender().ScheduleMessageAsync(new ServiceBusMessage { MessageId = "a" }, due, Cancel);
        await EmptyAsync(Receiver());
        clock.Advance(TimeSpan.FromMinutes(5) + Second);
        var message = await NextAsync(Receiver());

        Assert.True(number > 0);
        Assert.Equal("a", message.MessageId);
        Assert.Equal(ServiceBusMessageState.Active, message.State);
        Assert.InRange(message.EnqueuedTime, due - Second, due + Second);
    }

    /// <summary>ScheduledEnqueueTime on a message that is sent does the same.</summary>
    [Fact]
    public async Task SendMessage_WithScheduledEnqueueTime_IsDeliveredThen()
    {
        var clock = Clock;
        await Sender().SendMessageAsync(
            new ServiceBusMessage { MessageId = "a", ScheduledEnqueueTime = clock.GetUtcNow() + TimeSpan.FromMinutes(1) }, Cancel);

        await EmptyAsync(Receiver());
        clock.Advance(TimeSpan.FromMinutes(1) + Second);

        Assert.Equal("a", (await NextAsync(Receiver())).MessageId);
    }

    /// <summary>A time that is past is now.</summary>
    [Fact]
    public async Task SendMessage_ScheduledInThePast_IsDeliveredAtOnce()
    {
        await Sender().SendMessageAsync(
            new ServiceBusMessage { MessageId = "a", ScheduledEnqueueTime = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1) },
            Cancel);

        Assert.Equal("a", (await NextAsync(Receiver())).MessageId);
    }

    /// <summary>Several messages are scheduled in one request and numbered each.</summary>
    [Fact]
    public async Task ScheduleMessages_Several_AreNumberedAndCancelledEach()
    {
        var sender = Sender();
        var due = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1);

        var numbers = await sender.ScheduleMessagesAsync(
            [new ServiceBusMessage(), new ServiceBusMessage(), new ServiceBusMessage()], due, Cancel);

        Assert.Equal(3, numbers.Distinct().Count());
        await sender.CancelScheduledMessagesAsync(numbers, Cancel);
        Assert.Null(await Receiver().PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>A cancelled message never comes.</summary>
    [Fact]
    public async Task CancelScheduledMessage_BeforeItsTime_NeverComes()
    {
        var clock = Clock;
        var sender = Sender();
        var number = await sender.ScheduleMessageAsync(new ServiceBusMessage(), clock.GetUtcNow() + TimeSpan.FromMinutes(1), Cancel);

        await sender.CancelScheduledMessageAsync(number, Cancel);
        clock.Advance(TimeSpan.FromMinutes(2));

        await EmptyAsync(Receiver());
    }

    /// <summary>What is not scheduled cannot be cancelled.</summary>
    [Fact]
    public async Task CancelScheduledMessage_UnknownNumber_IsMessageNotFound() =>
        await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => Sender().CancelScheduledMessageAsync(987_654, Cancel));

    /// <summary>Duplicate detection: a second message of an id within the window is accepted and dropped.</summary>
    [Fact]
    public async Task SendMessage_SameIdWithinTheWindow_IsAcceptedAndDropped()
    {
        var id = Guid.NewGuid().ToString();
        var sender = Sender(DedupQueue);
        await sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = id }, Cancel);
        await sender.SendMessageAsync(new ServiceBusMessage("second") { MessageId = id }, Cancel);

        var receiver = Receiver(DedupQueue);
        var message = await NextAsync(receiver);
        await receiver.CompleteMessageAsync(message, Cancel);

        Assert.Equal("first", message.Body.ToString());
        await EmptyAsync(receiver);
    }

    /// <summary>After the window the id is forgotten.</summary>
    [Fact]
    public async Task SendMessage_SameIdAfterTheWindow_IsDelivered()
    {
        var clock = Clock;
        var sender = Sender(DedupQueue);
        await sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "a" }, Cancel);

        clock.Advance(DedupWindow + Second);
        await sender.SendMessageAsync(new ServiceBusMessage("second") { MessageId = "a" }, Cancel);

        var receiver = Receiver(DedupQueue, ServiceBusReceiveMode.ReceiveAndDelete);
        Assert.Equal(["first", "second"], [(await NextAsync(receiver)).Body.ToString(), (await NextAsync(receiver)).Body.ToString()]);
    }

    /// <summary>Entities without duplicate detection deliver both.</summary>
    [Fact]
    public async Task SendMessage_SameIdWithoutDetection_IsDeliveredTwice()
    {
        await SendAsync("a", "a");

        var receiver = Receiver();
        Assert.Equal(["a", "a"], [(await NextAsync(receiver)).MessageId, (await NextAsync(receiver)).MessageId]);
    }
}
