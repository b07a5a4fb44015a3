using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class ReceivingTests : ServiceBusConformance
{
    /// <summary>Peek-lock: the message is locked for LockDuration, numbered, counted, and not given to anyone else.</summary>
    [Fact]
    public async Task ReceiveMessage_PeekLock_LocksIt()
    {
        await SendAsync("a");

        var message = await NextAsync(Receiver());

        Assert.Equal(("a", "body of a"), (message.MessageId, message.Body.ToString()));
        Assert.Equal(1, message.DeliveryCount);
        Assert.Equal(ServiceBusMessageState.Active, message.State);
        Assert.NotEqual(Guid.Empty, Guid.Parse(message.LockToken));
        Assert.InRange(message.LockedUntil - message.EnqueuedTime, LockDuration - TimeSpan.FromSeconds(1), LockDuration + Soon);
        await EmptyAsync(Receiver());
    }

    /// <summary>Receive-and-delete: the message is gone once received, and cannot be settled.</summary>
    [Fact]
    public async Task ReceiveMessage_ReceiveAndDelete_RemovesIt()
    {
        await SendAsync("a");
        var receiver = Receiver(mode: ServiceBusReceiveMode.ReceiveAndDelete);

        var message = await NextAsync(receiver);

        Assert.Equal("a", message.MessageId);
        Assert.Equal(default, message.LockedUntil);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message, Cancel));
        Assert.Null(await Receiver().PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>With nothing there the result is null after the wait, and the receiver can be used again.</summary>
    [Fact]
    public async Task ReceiveMessage_NothingThere_IsNullAndTheReceiverLivesOn()
    {
        var receiver = Receiver();
        await EmptyAsync(receiver);
        await EmptyAsync(receiver);

        await SendAsync("a");

        Assert.Equal("a", (await NextAsync(receiver)).MessageId);
    }

    /// <summary>A receiver that stopped waiting does not keep a message from another.</summary>
    [Fact]
    public async Task ReceiveMessage_AfterAnotherGaveUp_ComesToTheOneThatAsks()
    {
        await EmptyAsync(Receiver());

        await SendAsync("a");

        Assert.Equal("a", (await NextAsync(Receiver())).MessageId);
    }

    /// <summary>A message that comes while a receiver waits is delivered at once.</summary>
    [Fact]
    public async Task ReceiveMessage_SentWhileWaiting_Arrives()
    {
        var waiting = NextAsync(Receiver());

        await SendAsync("a");

        Assert.Equal("a", (await waiting).MessageId);
    }

    /// <summary>ReceiveMessages returns what is there, at most the number asked for, in order.</summary>
    [Fact]
    public async Task ReceiveMessages_FewerThere_ReturnsThose()
    {
        await SendAsync("a", "b", "c");
        var receiver = Receiver();

        var two = await ReceiveExactlyAsync(receiver, 2);
        var rest = await receiver.ReceiveMessagesAsync(10, Soon, Cancel);

        Assert.Equal(["a", "b"], two);
        Assert.Equal(["c"], rest.Select(message => message.MessageId));
    }

    /// <summary>The async sequence goes on until it is cancelled.</summary>
    [Fact]
    public async Task ReceiveMessages_AsSequence_YieldsUntilCancelled()
    {
        await SendAsync("a", "b");
        var receiver = Receiver();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var ids = new List<string>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in receiver.ReceiveMessagesAsync(enough.Token))
            {
                ids.Add(message.MessageId);
                if (ids.Count == 2)
                {
                    await enough.CancelAsync();
                }
            }
        });

        Assert.Equal(["a", "b"], ids);
    }

    /// <summary>Cancelling a receive is TaskCanceledException, and no message is lost by it.</summary>
    [Fact]
    public async Task ReceiveMessage_Cancelled_ThrowsAndLosesNothing()
    {
        var receiver = Receiver();
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = receiver.ReceiveMessageAsync(Soon, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => waiting);

        await SendAsync("a");

        Assert.Equal("a", (await NextAsync(receiver)).MessageId);
    }

    /// <summary>Several receives of one receiver may wait at once; each message goes to one of them.</summary>
    [Fact]
    public async Task ReceiveMessage_SeveralWaitingAtOnce_EachGetsOne()
    {
        var receiver = Receiver();
        var waiting = Enumerable.Range(0, 8).Select(_ => NextAsync(receiver)).ToList();
        var ids = Enumerable.Range(0, 8).Select(number => $"m{number}").ToArray();

        await SendAsync(ids);

        Assert.Equal(ids, (await Task.WhenAll(waiting)).Select(message => message.MessageId).Order(StringComparer.Ordinal));
    }

    /// <summary>Prefetched messages that nobody took are given back when the receiver closes, their delivery not counted.</summary>
    [Fact]
    public async Task Close_WithPrefetchedMessages_GivesThemBack()
    {
        var ids = Enumerable.Range(0, 10).Select(number => $"m{number}").ToArray();
        await SendAsync(ids);
        var prefetching = Receiver(prefetch: 20);
        var first = await NextAsync(prefetching);
        await prefetching.CompleteMessageAsync(first, Cancel);

        await prefetching.CloseAsync(Cancel);

        var receiver = Receiver();
        foreach (var id in ids.Skip(1))
        {
            var message = await NextAsync(receiver);
            Assert.Equal((id, 1), (message.MessageId, message.DeliveryCount));
        }
    }

    /// <summary>Prefetch gives every message once and in order, also beyond its count.</summary>
    [Fact]
    public async Task ReceiveMessage_Prefetching_GivesAllInOrder()
    {
        var ids = Enumerable.Range(0, 30).Select(number => $"m{number:00}").ToArray();
        await Sender().SendMessagesAsync(ids.Select(id => new ServiceBusMessage { MessageId = id }), Cancel);
        var receiver = Receiver(prefetch: 4);

        foreach (var id in ids)
        {
            var message = await NextAsync(receiver);
            Assert.Equal(id, message.MessageId);
            await receiver.CompleteMessageAsync(message, Cancel);
        }

        await EmptyAsync(receiver);
    }

    /// <summary>Receiving from an entity that is not there is MessagingEntityNotFound.</summary>
    [Fact]
    public async Task ReceiveMessage_UnknownEntity_IsNotFound() =>
        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Receiver("no-such-entity").ReceiveMessageAsync(Soon, Cancel));

    /// <summary>A closed receiver, sender or client throws ObjectDisposedException.</summary>
    [Fact]
    public async Task Operations_AfterClose_ThrowObjectDisposed()
    {
        var receiver = Receiver();
        var sender = Sender();
        await receiver.CloseAsync(Cancel);
        await sender.CloseAsync(Cancel);
        await using var client = new ServiceBusClient(ConnectionString);
        await client.DisposeAsync();

        Assert.True(receiver.IsClosed && sender.IsClosed && client.IsClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiver.ReceiveMessageAsync(Briefly, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => sender.SendMessageAsync(new ServiceBusMessage(), Cancel));
        Assert.Throws<ObjectDisposedException>(() => client.CreateSender(Queue));
    }

    private static async Task<List<string>> ReceiveExactlyAsync(ServiceBusReceiver receiver, int count)
    {
        var ids = new List<string>();
        while (ids.Count < count)
        {
            ids.AddRange((await receiver.ReceiveMessagesAsync(count - ids.Count, Soon, Cancel)).Select(message => message.MessageId));
        }

        return ids;
    }
}
