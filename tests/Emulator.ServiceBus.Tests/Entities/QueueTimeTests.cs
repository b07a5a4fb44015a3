using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

/// <summary>What the clock does to messages of a queue: expiry, schedules, the window of duplicates.</summary>
public sealed class QueueTimeTests
{
    private readonly EntityFixture _entities = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Expiry_ActiveMessage_IsDroppedOrDeadLettered(bool deadLetter)
    {
        using var queue = _entities.Queue(new QueueSettings { Name = "q", DeadLetteringOnMessageExpiration = deadLetter });
        queue.Send([Message("a") with { TimeToLive = TimeSpan.FromSeconds(10) }, Message("b")], null);

        _entities.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(new StoreCounts(1, 0, 0), queue.Messages.Count());
        Assert.Equal(deadLetter ? 1 : 0, queue.DeadLetters.Count().Active);
        if (deadLetter)
        {
            Assert.StartsWith(
                "DeadLetterReason=TTLExpiredException;", Text(new ListConsumer(queue.DeadLetters).One().Content), StringComparison.Ordinal);
        }
        Assert.Equal("b", new ListConsumer(queue.Messages).One().Content.MessageId);
    }

    [Fact]
    public void Expiry_LockedMessage_WaitsForTheLock()
    {
        using var queue = _entities.Queue();
        queue.Send([Message("a") with { TimeToLive = TimeSpan.FromSeconds(10) }], null);
        var consumer = new ListConsumer(queue.Messages);
        var message = consumer.One();

        _entities.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, queue.Messages.Count().Active);
        queue.Messages.Settle(message.LockToken, Settlement.Abandon);

        Assert.Equal(default, queue.Messages.Count());
        Assert.Empty(consumer.Receive(1));
    }

    [Fact]
    public void Expiry_EntityBound_LimitsTheSenders()
    {
        using var queue = _entities.Queue(new QueueSettings { Name = "q", DefaultMessageTimeToLive = TimeSpan.FromSeconds(5) });
        queue.Send([Message("a") with { TimeToLive = TimeSpan.FromHours(1) }], null);

        _entities.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(default, queue.Messages.Count());
    }

    [Fact]
    public void Schedule_AtItsTime_ComesWithNewNumberAndTime()
    {
        using var queue = _entities.Queue();
        var due = _entities.Time.GetUtcNow() + TimeSpan.FromMinutes(5);
        var numbers = new List<long>();
        queue.Send([Message("later") with { ScheduledEnqueueTime = due }], numbers);
        queue.Send([Message("now")], null);
        var consumer = new ListConsumer(queue.Messages);

        var now = Assert.Single(consumer.Receive(2));
        Assert.Equal("now", now.Content.MessageId);
        queue.Messages.Settle(now.LockToken, Settlement.Complete);
        Assert.Equal(MessageState.Scheduled, queue.Messages.Numbered.Peek(1, 1, long.MaxValue, null)[0].State);
        consumer.Receiver.Grant(1);
        _entities.Time.Advance(TimeSpan.FromMinutes(5));

        var activated = Assert.Single(consumer.Collect());
        Assert.Equal("later", activated.Content.MessageId);
        Assert.Equal(3, activated.SequenceNumber);
        Assert.Equal(numbers[0], activated.EnqueueSequenceNumber);
        Assert.Equal(due, activated.EnqueuedTime);
        Assert.Equal(EntityFault.MessageNotFound, queue.Messages.Numbered.Cancel(numbers).Fault);
    }

    [Fact]
    public void Cancel_OneOfTwoUnknown_CancelsNone()
    {
        using var queue = _entities.Queue();
        var numbers = new List<long>();
        queue.Send([Message("a") with { ScheduledEnqueueTime = _entities.Time.GetUtcNow() + TimeSpan.FromDays(400) }], numbers);

        Assert.Equal(EntityFault.MessageNotFound, queue.Messages.Numbered.Cancel([numbers[0], 99]).Fault);
        Assert.Equal(1, queue.Messages.Count().Scheduled);
        Assert.Equal(EntityFault.None, queue.Messages.Numbered.Cancel(numbers).Fault);
        Assert.Equal(default, queue.Messages.Count());
    }

    [Fact]
    public void Duplicates_WithinWindow_AreAcceptedAndDropped()
    {
        using var queue = _entities.Queue(new QueueSettings
        {
            Name = "q",
            RequiresDuplicateDetection = true,
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1),
        });
        Assert.Equal(EntityFault.None, queue.Send([Message("a"), Message("a")], null).Fault);
        _entities.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(EntityFault.None, queue.Send([Message("a")], null).Fault);
        Assert.Equal(1, queue.Messages.Count().Active);

        _entities.Time.Advance(TimeSpan.FromSeconds(1));
        queue.Send([Message("a")], null);

        Assert.Equal(2, queue.Messages.Count().Active);
    }
}
