using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

public sealed class QueueEntityTests
{
    private readonly EntityFixture _entities = new();

    [Fact]
    public void Delete_OlderThanATime_TakesWhatCouldBeReceivedOnly()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("locked"), Message("deferred"), Message("a"), Message("b"), Message("c")], null);
        var consumer = new ListConsumer(queue.Messages);
        var taken = consumer.Receive(2);
        queue.Messages.Settle(taken[1].LockToken, Settlement.Defer);
        _entities.Time.Advance(TimeSpan.FromSeconds(1));
        var before = _entities.Time.GetUtcNow();
        queue.Send([Message("young"), Message("scheduled") with { ScheduledEnqueueTime = before + TimeSpan.FromHours(1) }], null);

        Assert.Equal(EntityFault.None, queue.Messages.Numbered.Delete(2, before, null, out var first).Fault);
        Assert.Equal(EntityFault.None, queue.Messages.Numbered.Delete(9, before, null, out var second).Fault);
        queue.Messages.Numbered.Delete(9, before, null, out var third);

        Assert.Equal((2, 1, 0), (first, second, third));
        Assert.Equal(
            ["locked", "deferred", "young", "scheduled"],
            queue.Messages.Numbered.Peek(0, 9, long.MaxValue, null).Select(message => message.Content.MessageId));
        Assert.Equal("young", consumer.One().Content.MessageId);
    }

    [Fact]
    public void Receive_ThreeSent_ComeInOrderFromOneWithoutDeliveryCount()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a"), Message("b"), Message("c")], null);

        var received = new ListConsumer(queue.Messages).Receive(10);

        Assert.Equal(["a", "b", "c"], received.Select(message => message.Content.MessageId));
        Assert.Equal([1L, 2, 3], received.Select(message => message.SequenceNumber));
        Assert.All(received, message => Assert.Equal(0, message.DeliveryCount));
        Assert.Equal(3, received.Select(message => message.LockToken).Distinct().Count());
        Assert.All(received, message => Assert.Equal(_entities.Time.GetUtcNow() + TimeSpan.FromMinutes(1), message.LockedUntil));
    }

    [Fact]
    public void Receive_TwoWithCapacity_TakeTurns()
    {
        using var queue = _entities.Queue();
        var (first, second) = (new ListConsumer(queue.Messages), new ListConsumer(queue.Messages));
        first.Receiver.Grant(4);
        second.Receiver.Grant(4);

        queue.Send([Message("1"), Message("2"), Message("3"), Message("4")], null);

        Assert.Equal(["1", "3"], first.Collect().Select(message => message.Content.MessageId));
        Assert.Equal(["2", "4"], second.Collect().Select(message => message.Content.MessageId));
    }

    [Fact]
    public void Receive_CapacityUsedUp_NothingMoreIsAssigned()
    {
        using var queue = _entities.Queue();
        var consumer = new ListConsumer(queue.Messages);
        consumer.Receiver.Grant(2);

        queue.Send([Message("1"), Message("2"), Message("3")], null);

        Assert.Equal(2, consumer.Collect().Count);
        Assert.Equal(1, consumer.Wakes);
        Assert.Equal("3", new ListConsumer(queue.Messages).One().Content.MessageId);
    }

    [Fact]
    public void Complete_Locked_IsGoneAndUnknownAfter()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var message = new ListConsumer(queue.Messages).One();

        Assert.Equal(EntityFault.None, queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
        Assert.Equal(EntityFault.LockLost, queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
        Assert.Equal(default, queue.Messages.Count());
    }

    [Fact]
    public void Abandon_First_KeepsItsPlaceAndCounts()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a"), Message("b")], null);
        var consumer = new ListConsumer(queue.Messages);
        var first = consumer.One();

        queue.Messages.Settle(first.LockToken, new Settlement(SettlementKind.Abandon, [new("why", "later")]));
        var again = consumer.One();

        Assert.Equal("a", again.Content.MessageId);
        Assert.Equal(1, again.DeliveryCount);
        Assert.NotEqual(first.LockToken, again.LockToken);
        Assert.Equal("why=later;", Text(again.Content));
    }

    [Fact]
    public void Release_Locked_ComesBackUncounted()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var consumer = new ListConsumer(queue.Messages);

        queue.Messages.Settle(consumer.One().LockToken, Settlement.Release);

        Assert.Equal(0, consumer.One().DeliveryCount);
    }

    [Fact]
    public void Abandon_AtMaxDeliveryCount_IsDeadLetteredWithReason()
    {
        using var queue = _entities.Queue(new QueueSettings { Name = "q", MaxDeliveryCount = 2 });
        queue.Send([Message("a")], null);
        var consumer = new ListConsumer(queue.Messages);

        queue.Messages.Settle(consumer.One().LockToken, Settlement.Abandon);
        queue.Messages.Settle(consumer.One().LockToken, Settlement.Abandon);

        Assert.Equal(default, queue.Messages.Count());
        var dead = new ListConsumer(queue.DeadLetters).One();
        Assert.Equal(
            "DeadLetterReason=MaxDeliveryCountExceeded;DeadLetterErrorDescription=Message could not be consumed after 2 delivery "
                + "attempts.;",
            Text(dead.Content));
        Assert.Equal(2, dead.DeliveryCount);
        Assert.Equal("q", dead.DeadLetterSource);
    }

    [Fact]
    public void DeadLetter_FromDeadLetterQueue_IsRefused()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        queue.Messages.Settle(
            new ListConsumer(queue.Messages).One().LockToken, new Settlement(SettlementKind.DeadLetter, [new("DeadLetterReason", "bad")]));
        var dead = new ListConsumer(queue.DeadLetters).One();

        Assert.Equal("DeadLetterReason=bad;", Text(dead.Content));
        Assert.Equal(
            EntityFault.DeadLetterNotAllowed,
            queue.DeadLetters.Settle(dead.LockToken, new Settlement(SettlementKind.DeadLetter, [])).Fault);
        Assert.Equal(EntityFault.None, queue.DeadLetters.Settle(dead.LockToken, Settlement.Complete).Fault);
    }

    [Fact]
    public void LockExpiry_PastDuration_RedeliversUnderNewTokenAndOldOneIsLost()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var consumer = new ListConsumer(queue.Messages);
        var first = consumer.One();
        consumer.Receiver.Grant(1);

        _entities.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(consumer.Collect());
        _entities.Time.Advance(TimeSpan.FromSeconds(1));

        var second = Assert.Single(consumer.Collect());
        Assert.Equal(1, second.DeliveryCount);
        Assert.Equal(EntityFault.LockLost, queue.Messages.Settle(first.LockToken, Settlement.Complete).Fault);
        Assert.Equal(EntityFault.None, queue.Messages.Settle(second.LockToken, Settlement.Complete).Fault);
    }

    [Fact]
    public void Renew_BeforeExpiry_OldTimerDoesNothing()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var consumer = new ListConsumer(queue.Messages);
        var message = consumer.One();
        _entities.Time.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(EntityFault.None, queue.Messages.Renew([message.LockToken], out var until));
        _entities.Time.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(message.LockedUntil + TimeSpan.FromSeconds(40), until);
        Assert.Empty(consumer.Receive(1));
        Assert.Equal(EntityFault.None, queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
    }

    [Fact]
    public void Renew_OneTokenUnknown_RenewsNone()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var message = new ListConsumer(queue.Messages).One();
        _entities.Time.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(EntityFault.LockLost, queue.Messages.Renew([message.LockToken, Guid.NewGuid()], out _));
        _entities.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(EntityFault.LockLost, queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
    }

    [Fact]
    public void Defer_ThenByNumber_LocksAndCompletes()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a"), Message("b")], null);
        var consumer = new ListConsumer(queue.Messages);
        var first = consumer.One();
        queue.Messages.Settle(first.LockToken, Settlement.Defer);

        Assert.Equal("b", consumer.One().Content.MessageId);
        Assert.Equal(new StoreCounts(1, 1, 0), queue.Messages.Count());
        var fetched = new List<MessageSnapshot>();
        Assert.Equal(
            EntityFault.None, queue.Messages.Numbered.ReceiveDeferred([first.SequenceNumber], ReceiveMode.PeekLock, null, fetched).Fault);
        Assert.Equal(
            EntityFault.MessageNotFound,
            queue.Messages.Numbered.ReceiveDeferred([first.SequenceNumber], ReceiveMode.PeekLock, null, []).Fault);
        Assert.Equal(MessageState.Deferred, Assert.Single(fetched).State);
        Assert.Equal(EntityFault.None, queue.Messages.Settle(fetched[0].LockToken, Settlement.Complete).Fault);
        Assert.Equal(new StoreCounts(1, 0, 0), queue.Messages.Count());
    }

    [Fact]
    public void Abandon_FetchedByNumber_IsDeferredAgain()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var consumer = new ListConsumer(queue.Messages);
        var first = consumer.One();
        queue.Messages.Settle(first.LockToken, Settlement.Defer);
        var fetched = new List<MessageSnapshot>();
        queue.Messages.Numbered.ReceiveDeferred([1], ReceiveMode.PeekLock, null, fetched);

        queue.Messages.Settle(fetched[0].LockToken, Settlement.Abandon);

        Assert.Empty(consumer.Receive(1));
        Assert.Equal(EntityFault.None, queue.Messages.Numbered.ReceiveDeferred([1], ReceiveMode.ReceiveAndDelete, null, fetched).Fault);
        Assert.Equal(1, fetched[1].DeliveryCount);
        Assert.Equal(default, queue.Messages.Count());
    }

    [Fact]
    public void Send_OverQuota_StoresNoneAndRemembersNoId()
    {
        using var queue = _entities.Queue(new QueueSettings { Name = "q", RequiresDuplicateDetection = true }, maxBytes: 100);

        Assert.Equal(EntityFault.QuotaExceeded, queue.Send([Message("a", 60), Message("b", 60)], null).Fault);
        Assert.Equal(default, queue.Messages.Count());
        Assert.Equal(EntityFault.None, queue.Send([Message("a", 60)], null).Fault);
        Assert.Equal(1, queue.Messages.Count().Active);
        queue.Messages.Settle(new ListConsumer(queue.Messages).One().LockToken, Settlement.Complete);
        Assert.Equal(EntityFault.None, queue.Send([Message("c", 100)], null).Fault);
    }

    [Fact]
    public void ReceiveAndDelete_Sent_IsGone()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);

        new ListConsumer(queue.Messages, ReceiveMode.ReceiveAndDelete).One();

        Assert.Equal(default, queue.Messages.Count());
    }

    [Fact]
    public void Close_AssignedButNotCollected_GoesToTheNext()
    {
        using var queue = _entities.Queue();
        var consumer = new ListConsumer(queue.Messages, ReceiveMode.ReceiveAndDelete);
        consumer.Receiver.Grant(5);
        queue.Send([Message("a"), Message("b")], null);

        consumer.Receiver.Close();

        var other = new ListConsumer(queue.Messages).Receive(5);
        Assert.Equal(["a", "b"], other.Select(message => message.Content.MessageId));
        Assert.All(other, message => Assert.Equal(0, message.DeliveryCount));
    }

    [Fact]
    public void LockExpiry_WhileAssignedButNotCollected_IsNotHandedOutTwice()
    {
        using var queue = _entities.Queue();
        var (slow, quick) = (new ListConsumer(queue.Messages), new ListConsumer(queue.Messages));
        slow.Receiver.Grant(1);
        queue.Send([Message("a")], null);
        quick.Receiver.Grant(1);

        _entities.Time.Advance(TimeSpan.FromMinutes(1));

        var message = Assert.Single(quick.Collect());
        Assert.Empty(slow.Collect());
        Assert.Equal(EntityFault.None, queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
    }

    [Fact]
    public void Peek_AllStates_InOrderWithoutTouching()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("locked"), Message("deferred"), Message("ready")], null);
        queue.Send([Message("scheduled") with { ScheduledEnqueueTime = _entities.Time.GetUtcNow() + TimeSpan.FromHours(1) }], null);
        var received = new ListConsumer(queue.Messages).Receive(2);
        queue.Messages.Settle(received[1].LockToken, Settlement.Defer);

        var peeked = queue.Messages.Numbered.Peek(0, 10, long.MaxValue, null);

        Assert.Equal(["locked", "deferred", "ready", "scheduled"], peeked.Select(message => message.Content.MessageId));
        Assert.Equal(
            [MessageState.Active, MessageState.Deferred, MessageState.Active, MessageState.Scheduled],
            peeked.Select(message => message.State));
        Assert.Equal(["ready"], queue.Messages.Numbered.Peek(3, 1, long.MaxValue, null).Select(message => message.Content.MessageId));
        Assert.Single(queue.Messages.Numbered.Peek(0, 10, 0, null));
    }

    [Fact]
    public void DeadLetter_OneOperation_IsOneAppendOfTheJournal()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a")], null);
        var message = new ListConsumer(queue.Messages).One();
        _entities.Journal.Appends.Clear();

        queue.Messages.Settle(message.LockToken, new Settlement(SettlementKind.DeadLetter, []));

        Assert.Equal(
            [
                (Emulator.ServiceBus.Journal.JournalRecordKind.Removed, "q", 1L),
                (Emulator.ServiceBus.Journal.JournalRecordKind.Added, "q/$DeadLetterQueue", 1L),
            ],
            Assert.Single(_entities.Journal.Appends));
    }

    [Fact]
    public async Task ConcurrentReceivers_ManyMessages_EachCompletedOnce()
    {
        using var queue = _entities.Queue();
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        var cancellation = TestContext.Current.CancellationToken;
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(
            () =>
            {
                for (var number = 0; number < 500; number++)
                {
                    queue.Send([Message($"{sender}-{number}")], null);
                }
            },
            cancellation));
        var receivers = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                var consumer = new ListConsumer(queue.Messages);
                while (seen.Count < 2000)
                {
                    foreach (var message in consumer.Receive(16))
                    {
                        if (queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault == EntityFault.None)
                        {
                            seen.Add(message.Content.MessageId);
                        }
                    }

                    await Task.Yield();
                }
            },
            cancellation));

        await Relay.Testing.TestDeadline.Within(Task.WhenAll(senders.Concat(receivers)));

        Assert.Equal(2000, seen.Distinct().Count());
        Assert.Equal(2000, seen.Count);
        Assert.Equal(default, queue.Messages.Count());
    }
}
