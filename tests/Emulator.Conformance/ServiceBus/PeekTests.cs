using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class PeekTests : ServiceBusConformance
{
    /// <summary>Peek shows messages in every state in the order of their numbers, and says which state.</summary>
    [Fact]
    public async Task PeekMessages_OverEveryState_ShowsThemAll()
    {
        var receiver = Receiver();
        await SendAsync("deferred", "locked", "active");
        await receiver.DeferMessageAsync(await NextAsync(receiver), cancellationToken: Cancel);
        await NextAsync(receiver);
        await Sender().ScheduleMessageAsync(
            new ServiceBusMessage { MessageId = "scheduled" }, TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1), Cancel);

        var peeked = await receiver.PeekMessagesAsync(10, cancellationToken: Cancel);

        Assert.Equal(
            [
                ("deferred", ServiceBusMessageState.Deferred),
                ("locked", ServiceBusMessageState.Active),
                ("active", ServiceBusMessageState.Active),
                ("scheduled", ServiceBusMessageState.Scheduled),
            ],
            peeked.Select(message => (message.MessageId, message.State)));
    }

    /// <summary>Peek takes no lock and counts no delivery.</summary>
    [Fact]
    public async Task PeekMessage_Active_LocksAndCountsNothing()
    {
        await SendAsync("a");
        var receiver = Receiver();

        var peeked = await receiver.PeekMessageAsync(cancellationToken: Cancel);
        var received = await NextAsync(receiver);

        Assert.Equal(("a", "body of a", 0), (peeked.MessageId, peeked.Body.ToString(), peeked.DeliveryCount));
        Assert.Equal(Guid.Empty.ToString(), peeked.LockToken);
        Assert.Equal(default, peeked.LockedUntil);
        Assert.Equal((peeked.SequenceNumber, 1), (received.SequenceNumber, received.DeliveryCount));
    }

    /// <summary>Peeking on goes on after the last message seen; a number starts anew from there.</summary>
    [Fact]
    public async Task PeekMessages_Again_GoesOnAfterTheLast()
    {
        await SendAsync("a", "b", "c");
        var receiver = Receiver();

        var first = await receiver.PeekMessagesAsync(2, cancellationToken: Cancel);
        var next = await receiver.PeekMessageAsync(cancellationToken: Cancel);
        var end = await receiver.PeekMessageAsync(cancellationToken: Cancel);
        var again = await receiver.PeekMessageAsync(first[1].SequenceNumber, Cancel);

        Assert.Equal(["a", "b"], first.Select(message => message.MessageId));
        Assert.Equal("c", next.MessageId);
        Assert.Null(end);
        Assert.Equal("b", again.MessageId);
    }

    /// <summary>An empty entity shows nothing.</summary>
    [Fact]
    public async Task PeekMessages_NothingThere_IsEmpty() =>
        Assert.Empty(await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel));
}
