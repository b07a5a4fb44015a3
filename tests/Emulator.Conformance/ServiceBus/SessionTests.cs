using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

public sealed class SessionTests : ServiceBusConformance
{
    private static readonly ServiceBusClientOptions Impatient = new()
    {
        RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(1), MaxRetries = 0 },
    };

    /// <summary>A session's messages come in order to the receiver that holds it, and no other's.</summary>
    [Fact]
    public async Task AcceptSession_Named_GivesItsMessagesInOrder()
    {
        await SendAsync(("a1", "a"), ("b1", "b"), ("a2", "a"));

        var receiver = await AcceptAsync("a");

        Assert.Equal("a", receiver.SessionId);
        Assert.Equal(["a1", "a2"], await DrainAsync(receiver));
        Assert.Equal(["b1"], await DrainAsync(await AcceptAsync("b")));
    }

    /// <summary>The next session is the free one with the oldest message; a session that is held is passed over.</summary>
    [Fact]
    public async Task AcceptNextSession_SeveralFree_TakesTheOldestFirst()
    {
        await SendAsync(("a1", "a"), ("b1", "b"));

        var first = Own(await Client.AcceptNextSessionAsync(SessionQueue, cancellationToken: Cancel));
        var second = Own(await Client.AcceptNextSessionAsync(SessionQueue, cancellationToken: Cancel));

        Assert.Equal(("a", "b"), (first.SessionId, second.SessionId));
    }

    /// <summary>A wait for the next session ends when one gets a message.</summary>
    [Fact]
    public async Task AcceptNextSession_NoneYet_WaitsForOne()
    {
        var accepting = Client.AcceptNextSessionAsync(SessionQueue, cancellationToken: Cancel);
        await SendAsync(("a1", "a"));

        var receiver = Own(await accepting.WaitAsync(Soon, TimeProvider.System, Cancel));

        Assert.Equal("a1", (await NextAsync(receiver)).MessageId);
    }

    /// <summary>No session within the try timeout is ServiceTimeout.</summary>
    [Fact]
    public async Task AcceptNextSession_NoneInTime_IsServiceTimeout()
    {
        var client = Own(new ServiceBusClient(ConnectionString, Impatient));

        await FailsAsync(
            ServiceBusFailureReason.ServiceTimeout, () => client.AcceptNextSessionAsync(SessionQueue, cancellationToken: Cancel));
    }

    /// <summary>A session has one holder at a time; closing lets it go, with what was not settled.</summary>
    [Fact]
    public async Task AcceptSession_HeldByAnother_CannotBeLockedUntilItIsClosed()
    {
        await SendAsync(("a1", "a"));
        var holder = await AcceptAsync("a");
        await NextAsync(holder);

        await FailsAsync(
            ServiceBusFailureReason.SessionCannotBeLocked, () => Client.AcceptSessionAsync(SessionQueue, "a", cancellationToken: Cancel));
        await holder.CloseAsync(Cancel);

        var message = await NextAsync(await AcceptAsync("a"));
        Assert.Equal(("a1", 1), (message.MessageId, message.DeliveryCount));
    }

    /// <summary>State belongs to the session: it stays when the receiver goes, and null clears it.</summary>
    [Fact]
    public async Task SessionState_SetAndRead_OutlivesTheReceiver()
    {
        var first = await AcceptAsync("a");
        Assert.Null(await first.GetSessionStateAsync(Cancel));
        await first.SetSessionStateAsync(new BinaryData("state"), Cancel);
        await first.CloseAsync(Cancel);

        var second = await AcceptAsync("a");
        Assert.Equal("state", (await second.GetSessionStateAsync(Cancel)).ToString());
        await second.SetSessionStateAsync(null, Cancel);
        Assert.Null(await second.GetSessionStateAsync(Cancel));
    }

    /// <summary>Renewing moves the lock's end; a message lock cannot be renewed on its own.</summary>
    [Fact]
    public async Task RenewSessionLock_Held_MovesTheEnd()
    {
        var clock = Clock;
        await SendAsync(("a1", "a"));
        var receiver = await AcceptAsync("a");
        var message = await NextAsync(receiver);
        var before = receiver.SessionLockedUntil;
        clock.Advance(LockDuration / 2);

        await receiver.RenewSessionLockAsync(Cancel);

        Assert.InRange(receiver.SessionLockedUntil - before, (LockDuration / 2) - TimeSpan.FromSeconds(1), LockDuration);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.RenewMessageLockAsync(message, Cancel));
        clock.Advance(LockDuration * 0.75);
        await receiver.CompleteMessageAsync(message, Cancel);
    }

    /// <summary>
    /// A lock that runs out loses the session: its link is detached, which closes the receiver, and the next holder gets the messages.
    /// </summary>
    [Fact]
    public async Task SessionLock_RunsOut_ClosesTheReceiver()
    {
        var clock = Clock;
        await SendAsync(("a1", "a"));
        var receiver = await AcceptAsync("a");
        var message = await NextAsync(receiver);

        clock.Advance(LockDuration + TimeSpan.FromSeconds(1));

        await TestDeadline.Until(() => receiver.IsClosed, "the detach");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiver.CompleteMessageAsync(message, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiver.ReceiveMessageAsync(Soon, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiver.RenewSessionLockAsync(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receiver.GetSessionStateAsync(Cancel));
        Assert.Equal("a1", (await NextAsync(await AcceptAsync("a"))).MessageId);
    }

    /// <summary>Deferred messages of a session are received under its lock, and peek sees this session only.</summary>
    [Fact]
    public async Task DeferAndPeek_InASession_StayInIt()
    {
        await SendAsync(("a1", "a"), ("b1", "b"), ("a2", "a"));
        var receiver = await AcceptAsync("a");
        var deferred = await NextAsync(receiver);
        await receiver.DeferMessageAsync(deferred, cancellationToken: Cancel);

        Assert.Equal(["a1", "a2"], (await receiver.PeekMessagesAsync(10, 0, Cancel)).Select(message => message.MessageId));
        var fetched = await receiver.ReceiveDeferredMessageAsync(deferred.SequenceNumber, Cancel);
        await receiver.CompleteMessageAsync(fetched, Cancel);

        Assert.Equal(["a2"], await DrainAsync(receiver));
    }

    /// <summary>An entity with sessions takes no message without one, and gives none to a receiver without one.</summary>
    [Fact]
    public async Task SendAndReceive_WithoutASession_AreRefused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Sender(SessionQueue).SendMessageAsync(new ServiceBusMessage("x"), Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Receiver(SessionQueue).ReceiveMessageAsync(Soon, Cancel));
    }

    /// <summary>The dead-letter queue of an entity with sessions has none, and keeps the session id.</summary>
    [Fact]
    public async Task DeadLetter_InASession_IsReadByAnOrdinaryReceiver()
    {
        await SendAsync(("a1", "a"));
        var receiver = await AcceptAsync("a");
        await receiver.DeadLetterMessageAsync(await NextAsync(receiver), "why", cancellationToken: Cancel);

        var letter = await NextAsync(DeadLetters(SessionQueue));

        Assert.Equal(("a1", "a", "why"), (letter.MessageId, letter.SessionId, letter.DeadLetterReason));
    }

    /// <summary>Receive-and-delete works in a session as elsewhere.</summary>
    [Fact]
    public async Task ReceiveAndDelete_InASession_RemovesTheMessage()
    {
        await SendAsync(("a1", "a"), ("a2", "a"));
        var options = new ServiceBusSessionReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };
        var receiver = Own(await Client.AcceptSessionAsync(SessionQueue, "a", options, Cancel));
        Assert.Equal("a1", (await NextAsync(receiver)).MessageId);
        await receiver.CloseAsync(Cancel);

        Assert.Equal(["a2"], await DrainAsync(await AcceptAsync("a")));
    }

    private async Task SendAsync(params (string Id, string Session)[] messages)
    {
        var sender = Sender(SessionQueue);
        foreach (var (id, session) in messages)
        {
            await sender.SendMessageAsync(new ServiceBusMessage { MessageId = id, SessionId = session }, Cancel);
        }
    }

    private async Task<ServiceBusSessionReceiver> AcceptAsync(string session) =>
        Own(await Client.AcceptSessionAsync(SessionQueue, session, cancellationToken: Cancel));

    private static async Task<List<string>> DrainAsync(ServiceBusSessionReceiver receiver)
    {
        var ids = new List<string>();
        while (await receiver.ReceiveMessageAsync(Briefly, Cancel) is { } message)
        {
            ids.Add(message.MessageId);
            await receiver.CompleteMessageAsync(message, Cancel);
        }

        return ids;
    }
}
