using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class LockTests : ServiceBusConformance
{
    /// <summary>A lock that runs out frees the message: it comes again, counted, and the old lock is lost.</summary>
    [Fact]
    public async Task Lock_RunsOut_MessageComesAgainAndTheOldLockIsLost()
    {
        var clock = Clock;
        await SendAsync("a");
        var receiver = Receiver();
        var first = await NextAsync(receiver);

        clock.Advance(LockDuration + TimeSpan.FromSeconds(1));
        var second = await NextAsync(receiver);

        Assert.Equal(("a", 2), (second.MessageId, second.DeliveryCount));
        Assert.NotEqual(first.LockToken, second.LockToken);
        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(first, Cancel));
        await receiver.CompleteMessageAsync(second, Cancel);
    }

    /// <summary>A lock that ran out is lost also when nobody else has the message.</summary>
    [Fact]
    public async Task Complete_AfterTheLockRanOut_IsLockLost()
    {
        var clock = Clock;
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);

        clock.Advance(LockDuration + TimeSpan.FromSeconds(1));

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message, Cancel));
    }

    /// <summary>Renewing sets the lock's end to now + LockDuration, and the message stays ours beyond the first end.</summary>
    [Fact]
    public async Task RenewMessageLock_BeforeTheEnd_KeepsTheMessage()
    {
        var clock = Clock;
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        var firstEnd = message.LockedUntil;

        clock.Advance(LockDuration * 0.75);
        await receiver.RenewMessageLockAsync(message, Cancel);
        clock.Advance(LockDuration * 0.75);

        Assert.InRange(message.LockedUntil, firstEnd + (LockDuration * 0.7), firstEnd + (LockDuration * 0.8));
        await EmptyAsync(Receiver());
        await receiver.CompleteMessageAsync(message, Cancel);
    }

    /// <summary>A lock that ran out cannot be renewed.</summary>
    [Fact]
    public async Task RenewMessageLock_AfterTheEnd_IsLockLost()
    {
        var clock = Clock;
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);

        clock.Advance(LockDuration + TimeSpan.FromSeconds(1));

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.RenewMessageLockAsync(message, Cancel));
    }

    /// <summary>Renewing moves the lock's end also where the clock cannot be moved.</summary>
    [Fact]
    public async Task RenewMessageLock_AtOnce_DoesNotMoveTheEndBack()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        var end = message.LockedUntil;

        await receiver.RenewMessageLockAsync(message, Cancel);

        Assert.True(message.LockedUntil >= end, $"{message.LockedUntil:O} is before {end:O}");
        await receiver.CompleteMessageAsync(message, Cancel);
    }

    /// <summary>Locks that run out count as deliveries towards MaxDeliveryCount.</summary>
    [Fact]
    public async Task Lock_RunsOutAtMaxDeliveryCount_DeadLetters()
    {
        var clock = Clock;
        await SendAsync("a");
        var receiver = Receiver();
        for (var delivery = 1; delivery <= MaxDeliveryCount; delivery++)
        {
            Assert.Equal(delivery, (await NextAsync(receiver)).DeliveryCount);
            clock.Advance(LockDuration + TimeSpan.FromSeconds(1));
        }

        Assert.Equal("MaxDeliveryCountExceeded", (await NextAsync(DeadLetters())).DeadLetterReason);
        await EmptyAsync(receiver);
    }

    /// <summary>A peeked message holds no lock and cannot be settled.</summary>
    [Fact]
    public async Task Complete_Peeked_IsInvalid()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var message = await receiver.PeekMessageAsync(cancellationToken: Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message, Cancel));
    }
}
