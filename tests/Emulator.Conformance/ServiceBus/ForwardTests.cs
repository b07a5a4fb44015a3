using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class ForwardTests : ServiceBusConformance
{
    /// <summary>
    /// What is sent to a queue that forwards arrives in its destination, with its own number there and the first one kept.
    /// </summary>
    [Fact]
    public async Task Send_ToAForwardingQueue_ArrivesInItsDestination()
    {
        await Sender(ForwardQueue).SendMessageAsync(new ServiceBusMessage("body") { MessageId = "a", Subject = "s" }, Cancel);

        var message = await NextAsync(Receiver());

        Assert.Equal(("a", "s", "body", 1), (message.MessageId, message.Subject, message.Body.ToString(), message.DeliveryCount));
        Assert.Empty(await Receiver(ForwardQueue).PeekMessagesAsync(1, cancellationToken: Cancel));
    }

    /// <summary>A queue that forwards has no receivers.</summary>
    [Fact]
    public async Task Receive_FromAForwardingQueue_IsRefused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Receiver(ForwardQueue).ReceiveMessageAsync(Soon, Cancel));

    /// <summary>
    /// What the destination does not take, here for want of a session id, is in
    /// the source's transfer dead-letter queue, which is read as any sub-queue.
    /// </summary>
    [Fact]
    public async Task Receive_FromTheTransferDeadLetterQueue_FindsWhatTheDestinationDidNotTake()
    {
        await Sender(RefusedForwardQueue).SendMessageAsync(new ServiceBusMessage("body") { MessageId = "a" }, Cancel);
        await Sender(RefusedForwardQueue).SendMessageAsync(new ServiceBusMessage("body") { MessageId = "b", SessionId = "s" }, Cancel);
        var letters = Receiver(RefusedForwardQueue, subQueue: SubQueue.TransferDeadLetter);

        var letter = await NextAsync(letters);

        Assert.Equal(("a", "body", RefusedForwardQueue), (letter.MessageId, letter.Body.ToString(), letter.DeadLetterSource));
        Assert.NotEmpty(letter.DeadLetterReason);
        await letters.CompleteMessageAsync(letter, Cancel);
        await EmptyAsync(letters);
    }
}
