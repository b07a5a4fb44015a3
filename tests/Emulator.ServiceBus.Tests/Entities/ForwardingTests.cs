using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using Relay.Testing;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

public sealed class ForwardingTests : IDisposable
{
    private readonly EntityFixture _fixture = new();
    private NamespaceEntities? _entities;

    [Fact]
    public async Task Send_ToAForwardingQueue_IsInTheDestinationUnderANewNumber()
    {
        Open(new QueueSettings { Name = "from", ForwardTo = "sb://localhost:5300/TO" }, new QueueSettings { Name = "to" });
        await SendAsync("to", Message("first"));
        var sent = _fixture.Time.GetUtcNow();
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        await SendAsync("from", Message("a"), Message("b"));

        var moved = Peek("to");
        Assert.Equal(["first", "a", "b"], moved.Select(message => message.Content.MessageId));
        Assert.Equal([(1L, 1L), (2, 1), (3, 2)], moved.Select(message => (message.SequenceNumber, message.EnqueueSequenceNumber)));
        Assert.Equal((1, 0), (moved[1].Content.Hops, moved[1].DeliveryCount));
        Assert.True(moved[1].EnqueuedTime > sent);
        Assert.Empty(Peek("from"));
    }

    /// <summary>Out of one entity and into the other in one append: a crash leaves the message in exactly one of them.</summary>
    [Fact]
    public async Task Send_ToAForwardingQueue_LeavesAndArrivesInOneAppend()
    {
        Open(new QueueSettings { Name = "from", ForwardTo = "to" }, new QueueSettings { Name = "to" });

        await SendAsync("from", Message("a"));

        var move = Assert.Single(_fixture.Journal.Appends, append => append.Any(record => record.Store == "to"));
        Assert.Equal(
            [(JournalRecordKind.Removed, "from", 1L), (JournalRecordKind.Added, "to", 1L)],
            move.OrderBy(record => record.Store, StringComparer.Ordinal).ToArray());
    }

    [Fact]
    public async Task Send_ToASubscriptionThatForwardsToATopic_ReachesItsSubscriptions()
    {
        Open(
            [
                new TopicSettings { Name = "t1", Subscriptions = [new SubscriptionSettings { Name = "s", ForwardTo = "t2" }] },
                new TopicSettings
                {
                    Name = "t2",
                    Subscriptions = [new SubscriptionSettings { Name = "x" }, new SubscriptionSettings { Name = "y" }],
                },
            ]);

        await SendAsync("t1", Message("a"));

        Assert.Equal("a", Assert.Single(Peek("t2/Subscriptions/x")).Content.MessageId);
        Assert.Equal("a", Assert.Single(Peek("t2/Subscriptions/y")).Content.MessageId);
        Assert.Empty(Peek("t1/Subscriptions/s"));
    }

    [Fact]
    public async Task Send_ScheduledAndForwarding_MovesWhenItsTimeComes()
    {
        Open(new QueueSettings { Name = "from", ForwardTo = "to" }, new QueueSettings { Name = "to" });
        await SendAsync("from", Message("a") with { ScheduledEnqueueTime = _fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(1) });
        Assert.Single(Peek("from"));
        Assert.Empty(Peek("to"));

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await IdleAsync();

        Assert.Equal(
            (MessageState.Active, 1L), Assert.Single(Peek("to")) is var moved ? (moved.State, moved.EnqueueSequenceNumber) : default);
    }

    [Fact]
    public async Task DeadLetter_WithForwardDeadLetteredMessagesTo_GoesThereWithReasonAndSource()
    {
        Open(
            new QueueSettings { Name = "q", MaxDeliveryCount = 1, ForwardDeadLetteredMessagesTo = "dead" },
            new QueueSettings { Name = "dead" });
        await SendAsync("q", Message("a"));
        var store = Store("q");
        store.Settle(new ListConsumer(store).One().LockToken, Settlement.Abandon);

        await IdleAsync();

        var letter = Assert.Single(Peek("dead"));
        Assert.Equal("q", letter.DeadLetterSource);
        Assert.Contains("MaxDeliveryCountExceeded", Text(letter.Content), StringComparison.Ordinal);
        Assert.Equal(0, letter.DeliveryCount);
        Assert.Empty(Peek("q/$DeadLetterQueue"));
    }

    [Fact]
    public async Task Send_AroundACircle_EndsAfterFourHopsInTheDeadLetterQueueOfWhereItStands()
    {
        Open(new QueueSettings { Name = "a", ForwardTo = "b" }, new QueueSettings { Name = "b", ForwardTo = "a" });

        await SendAsync("a", Message("m"));

        var letter = Assert.Single(Peek("a/$DeadLetterQueue"));
        Assert.Equal(4, letter.Content.Hops);
        Assert.Equal(
            "DeadLetterReason=MaxTransferHopCountExceeded;DeadLetterErrorDescription=The maximum number of allowed hops when "
                + "forwarding between queues has been exceeded. This value is set to 4.;",
            Text(letter.Content));
        Assert.Empty(Peek("a"));
        Assert.Empty(Peek("b"));
    }

    [Fact]
    public async Task Send_FourHopsInARow_Arrive()
    {
        Open(
            [
                .. "abcd".Select(name => new QueueSettings { Name = $"{name}", ForwardTo = $"{(char)(name + 1)}" }),
                new QueueSettings { Name = "e" },
            ]);

        await SendAsync("a", Message("m"));

        Assert.Equal(4, Assert.Single(Peek("e")).Content.Hops);
    }

    [Theory]
    [InlineData("missing", "MessagingEntityNotFound")]
    [InlineData("closed", "MessagingEntityDisabled")]
    [InlineData("sessions", "Session ID is null")]
    [InlineData("full", "QuotaExceeded")]
    public async Task Send_DestinationTakesNothing_IsInTheTransferDeadLetterQueue(string destination, string reason)
    {
        Open(
            new QueueSettings { Name = "from", ForwardTo = destination },
            new QueueSettings { Name = "closed", Status = EntityStatus.SendDisabled },
            new QueueSettings { Name = "sessions", RequiresSession = true },
            new QueueSettings { Name = "full", MaxSizeInMegabytes = 1 });
        await SendAsync("full", Message("filler", 1024 * 1024));

        await SendAsync("from", Message("a"));

        var letter = Assert.Single(Peek("from/$Transfer/$DeadLetterQueue"));
        Assert.Equal(
            $"DeadLetterReason={reason};DeadLetterErrorDescription=The message could not be forwarded to '{destination}'.;",
            Text(letter.Content));
        Assert.Equal("from", letter.DeadLetterSource);
        Assert.Empty(Peek("from"));
    }

    [Fact]
    public async Task Forward_ToADestinationThatDetectsDuplicates_DropsThem()
    {
        Open(new QueueSettings { Name = "from", ForwardTo = "to" }, new QueueSettings { Name = "to", RequiresDuplicateDetection = true });

        await SendAsync("from", Message("a"));
        await SendAsync("from", Message("a"));

        Assert.Single(Peek("to"));
        Assert.Empty(Peek("from"));
    }

    [Fact]
    public async Task Change_ForwardToSetAndTakenBack_MovesWhatIsThereAndStops()
    {
        Open(new QueueSettings { Name = "from" }, new QueueSettings { Name = "to" });
        await SendAsync("from", Message("a"));
        var queue = _entities!.Queues[0];

        queue.Change(queue.Settings with { ForwardTo = "to" });
        await IdleAsync();
        Assert.Single(Peek("to"));

        queue.Change(queue.Settings with { ForwardTo = null });
        await SendAsync("from", Message("b"));
        Assert.Equal("b", new ListConsumer(Store("from")).One().Content.MessageId);
    }

    [Fact]
    public async Task Send_ManyBackAndForthBetweenTwoPairs_NothingIsLostOrDoubled()
    {
        // Each of two pairs forwards into the other's entities: the gates are wanted in both orders at once.
        Open(
            new QueueSettings { Name = "a", ForwardTo = "d" },
            new QueueSettings { Name = "b" },
            new QueueSettings { Name = "c", ForwardTo = "b" },
            new QueueSettings { Name = "d" });
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(() =>
        {
            for (var number = 0; number < 500; number++)
            {
                Target(sender % 2 == 0 ? "a" : "c").Send([Message($"{sender}-{number}")], null);
                Target(sender % 2 == 0 ? "b" : "d").Send([Message($"{sender}-{number}-direct")], null);
            }
        }, TestContext.Current.CancellationToken));
        await TestDeadline.Within(Task.WhenAll(senders));
        await IdleAsync();

        foreach (var name in new[] { "b", "d" })
        {
            var ids = Peek(name).Select(message => message.Content.MessageId).ToList();
            Assert.Equal(2000, ids.Count);
            Assert.Equal(2000, ids.Distinct().Count());
        }
    }

    [Fact]
    public void Validate_ForwardingThatCannotBe_IsRefusedWithItsPath()
    {
        var topology = new NamespaceTopology
        {
            Queues =
            [
                new QueueSettings { Name = "q", ForwardTo = "Q" },
                new QueueSettings { Name = "s", RequiresSession = true, ForwardTo = "q" },
            ],
            Topics =
            [
                new TopicSettings
                {
                    Name = "t",
                    Subscriptions = [new SubscriptionSettings { Name = "x", ForwardDeadLetteredMessagesTo = "nowhere" }],
                },
            ],
        };

        Assert.Equal(
            [
                "Queues[0].ForwardTo: expected another entity, got \"Q\" itself",
                "Queues[1].ForwardTo: expected empty or absent on an entity that requires sessions, got \"q\"",
                "Topics[0].Subscriptions[0].ForwardDeadLetteredMessagesTo: expected a queue or topic that is declared, got \"nowhere\"",
            ],
            topology.ValidateWhole());
    }

    public void Dispose() => _entities?.Dispose();

    private void Open(params QueueSettings[] queues) => _entities = _fixture.Namespace(new NamespaceTopology { Queues = queues });

    private void Open(TopicSettings[] topics) => _entities = _fixture.Namespace(new NamespaceTopology { Topics = topics });

    private async Task SendAsync(string entity, params MessageContent[] messages)
    {
        Assert.Equal(EntityFault.None, Target(entity).Send(messages, null).Fault);
        await IdleAsync();
    }

    private Task IdleAsync() => TestDeadline.Within(_entities!.Forwarding.WhenIdleAsync());

    private ISendTarget Target(string path) => Node(path).SendTarget!;

    private MessageStore Store(string path) => Node(path).Store!;

    private List<MessageSnapshot> Peek(string path) => Store(path).Numbered.Peek(0, int.MaxValue, long.MaxValue, null);

    private EntityNode Node(string path)
    {
        Assert.True(_entities!.TryFind(path, out var node), path);
        return node;
    }
}
