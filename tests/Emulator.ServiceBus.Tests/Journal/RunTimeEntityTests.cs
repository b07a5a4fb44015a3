using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Journal;

/// <summary>Entities created, changed and deleted at run time, before and after a restart.</summary>
public sealed class RunTimeEntityTests
{
    private static readonly QueueSettings Declared = new() { Name = "q", MaxDeliveryCount = 5 };

    [Fact]
    public async Task Add_QueueTopicAndSubscription_AreThereAfterRestartWithTheirMessages()
    {
        using var fixture = new JournalFixture();
        var rule = new RuleSettings
        {
            Name = "r",
            Filter = new CorrelationFilter { Label = "x", Properties = new Dictionary<string, object> { ["n"] = 1L, ["t"] = "s" } },
        };
        await using (var engine = fixture.Open())
        {
            Assert.True(
                await engine.StoredAsync(
                    engine.Entities.Add(
                        new QueueSettings { Name = "New/Queue", LockDuration = TimeSpan.FromSeconds(7), RequiresSession = true })));
            engine.Entities.Add(
                new TopicSettings
                {
                    Name = "news",
                    RequiresDuplicateDetection = true,
                    Extras = new EntityExtras { UserMetadata = "kept <&>" },
                });
            Assert.True(engine.Entities.TryFindEntity<TopicEntity>("NEWS", out var topic));
            engine.Entities.Add(topic, new SubscriptionSettings { Name = "one", Rules = [rule] });
            engine.Entities.Add(topic, new SubscriptionSettings { Name = "all" });
            Assert.True(await engine.StoredAsync(topic.Send([EntityFixture.Message("m1")], null)));
        }

        await using var again = fixture.Open();

        Assert.Equal(["q", "New/Queue"], again.Entities.Queues.Select(queue => queue.Path));
        Assert.Equal(
            (TimeSpan.FromSeconds(7), true),
            (again.Entities.Queues[1].Settings.LockDuration, again.Entities.Queues[1].Settings.RequiresSession));
        var news = Assert.Single(again.Entities.Topics);
        Assert.Equal("kept <&>", news.Settings.Extras.UserMetadata);
        Assert.Equal(["one", "all"], news.Subscriptions.Select(subscription => subscription.Name));
        var filter = Assert.IsType<CorrelationFilter>(Assert.Single(news.Subscriptions[0].Settings.Rules).Filter);
        Assert.Equal(("x", 2), (filter.Label, filter.Properties.Count));
        Assert.Equal((0, 1), (news.Subscriptions[0].Messages.Count().Active, news.Subscriptions[1].Messages.Count().Active));
        Assert.NotNull(news.History);
    }

    [Fact]
    public async Task Remove_QueueWithMessages_LeavesNothingThatComesBack()
    {
        using var fixture = new JournalFixture { Topology = new() { Queues = [Declared] } };
        await using (var engine = fixture.Open())
        {
            engine.Entities.Add(new QueueSettings { Name = "mine", RequiresDuplicateDetection = true });
            Assert.True(engine.Entities.TryFindEntity<QueueEntity>("mine", out var mine));
            for (var number = 0; number < 10_000; number++)
            {
                mine.Send([EntityFixture.Message($"m{number}")], null);
            }

            Assert.True(await engine.StoredAsync(engine.Entities.Remove(mine)));
            Assert.False(engine.Entities.TryFind("mine", out _));
            Assert.False(engine.Entities.TryFind("mine/$DeadLetterQueue", out _));
            Assert.Equal(EntityFault.EntityNotFound, mine.Send([EntityFixture.Message("late")], null).Fault);
            Assert.Equal(0, mine.Messages.Count().Active);

            // The next of that name starts anew: first number, empty duplicate history.
            engine.Entities.Add(new QueueSettings { Name = "mine", RequiresDuplicateDetection = true });
            Assert.True(engine.Entities.TryFindEntity<QueueEntity>("mine", out var next));
            var numbers = new List<long>();
            Assert.True(await engine.StoredAsync(next.Send([EntityFixture.Message("m1")], numbers)));
            Assert.Equal([1L], numbers);
        }

        await using var again = fixture.Open();

        Assert.True(again.Entities.TryFindEntity<QueueEntity>("mine", out var reopened));
        Assert.Equal("m1", Assert.Single(reopened.Messages.Numbered.Peek(0, 10, long.MaxValue, null)).Content.MessageId);
    }

    [Fact]
    public async Task RemoveAndChange_OfDeclaredEntities_HoldUntilTheirDeclarationChanges()
    {
        var topology = new NamespaceTopology
        {
            Queues = [Declared, Declared with { Name = "other" }],
            Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] }],
        };
        using var fixture = new JournalFixture { Topology = topology };
        await using (var engine = fixture.Open())
        {
            engine.Entities.Queues[0].Change(Declared with { MaxDeliveryCount = 9, RequiresSession = false });
            engine.Entities.Remove(engine.Entities.Topics[0]);
            Assert.True(await engine.StoredAsync(engine.Entities.Remove(engine.Entities.Queues[1])));
        }

        await using (var engine = fixture.Open())
        {
            Assert.Equal(9, Assert.Single(engine.Entities.Queues).Settings.MaxDeliveryCount);
            Assert.Empty(engine.Entities.Topics);

            // Made again at run time: what the topology says of its subscriptions does not come with it.
            Assert.True(await engine.StoredAsync(engine.Entities.Add(new TopicSettings { Name = "t", MaxSizeInMegabytes = 2048 })));
        }

        await using (var engine = fixture.Open())
        {
            var topic = Assert.Single(engine.Entities.Topics);
            Assert.Equal(2048, topic.Settings.MaxSizeInMegabytes);
            Assert.Empty(topic.Subscriptions);
        }

        using var changed = new JournalFixture
        {
            Topology = topology with
            {
                Queues = [Declared with { MaxDeliveryCount = 6 }, Declared with { Name = "other", MaxDeliveryCount = 6 }],
            },
        };
        await using (var engine = changed.Open(fixture.Folder))
        {
            Assert.Equal([6, 6], engine.Entities.Queues.Select(queue => queue.Settings.MaxDeliveryCount));
        }
    }

    [Fact]
    public async Task Change_LockAndDelivery_CountFromTheNextDelivery()
    {
        using var fixture = new JournalFixture { Topology = new() { Queues = [Declared] } };
        await using var engine = fixture.Open();
        await engine.SendAsync(EntityFixture.Message("m1"));

        Assert.True(
            await engine.StoredAsync(
                engine.Queue.Change(
                    Declared with { MaxDeliveryCount = 1, LockDuration = TimeSpan.FromMinutes(5), Status = EntityStatus.SendDisabled })));

        Assert.Equal(TimeSpan.FromMinutes(5), engine.Queue.Messages.LockDuration);
        Assert.Equal(EntityFault.Disabled, engine.Queue.Send([EntityFixture.Message("m2")], null).Fault);
    }
}
