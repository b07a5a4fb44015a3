using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

public sealed class TopicEntityTests
{
    private readonly EntityFixture _entities = new();

    [Fact]
    public void Send_RulesOfThreeSubscriptions_EachGetsWhatMatches()
    {
        using var topic = _entities.Topic(new TopicSettings
        {
            Name = "t",
            Subscriptions =
            [
                new SubscriptionSettings { Name = "all" },
                new SubscriptionSettings { Name = "one", Rules = [Rule(new CorrelationFilter { MessageId = "b" })] },
                new SubscriptionSettings { Name = "none", Rules = [Rule(FalseFilter.Instance)] },
            ],
        });

        topic.Send([Message("a"), Message("b")], null);

        Assert.Equal(["a", "b"], Ids(topic.Subscriptions[0]));
        Assert.Equal(["b"], Ids(topic.Subscriptions[1]));
        Assert.Empty(Ids(topic.Subscriptions[2]));
        Assert.Equal(1, topic.Subscriptions[1].Messages.Numbered.Peek(0, 1, long.MaxValue, null)[0].SequenceNumber);
    }

    [Fact]
    public void Send_TwoRulesMatch_YieldsOneCopy()
    {
        using var topic = _entities.Topic(new TopicSettings
        {
            Name = "t",
            Subscriptions =
                [new SubscriptionSettings { Name = "s", Rules = [RuleSettings.MatchAll, Rule(new CorrelationFilter { MessageId = "a" })] }],
        });

        topic.Send([Message("a")], null);

        Assert.Single(Ids(topic.Subscriptions[0]));
    }

    [Fact]
    public void Send_Scheduled_WaitsInTheTopicAndIsPublishedAtItsTime()
    {
        using var topic = _entities.Topic(new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] });
        var numbers = new List<long>();
        topic.Send([Message("a") with { ScheduledEnqueueTime = _entities.Time.GetUtcNow() + TimeSpan.FromMinutes(1) }], numbers);

        Assert.Equal(1, topic.Waiting.Count().Scheduled);
        Assert.Empty(Ids(topic.Subscriptions[0]));
        _entities.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(default, topic.Waiting.Count());
        var copy = Assert.Single(topic.Subscriptions[0].Messages.Numbered.Peek(0, 9, long.MaxValue, null));
        Assert.Equal(numbers[0], copy.EnqueueSequenceNumber);
    }

    [Fact]
    public void Send_DuplicateToTopic_ReachesSubscriptionsOnce()
    {
        using var topic = _entities.Topic(
            new TopicSettings { Name = "t", RequiresDuplicateDetection = true, Subscriptions = [new SubscriptionSettings { Name = "s" }] });

        topic.Send([Message("a")], null);
        Assert.Equal(EntityFault.None, topic.Send([Message("a")], null).Fault);

        Assert.Single(Ids(topic.Subscriptions[0]));
    }

    [Theory]
    [InlineData(5, 60)]
    [InlineData(60, 5)]
    public void Send_TimeToLiveOfTopicAndSubscription_TheSmallerBoundsTheCopyAndIsNotInIt(int ofTopic, int ofSubscription)
    {
        using var topic = _entities.Topic(new TopicSettings
        {
            Name = "t",
            DefaultMessageTimeToLive = TimeSpan.FromSeconds(ofTopic),
            Subscriptions = [Lasting("s", ofSubscription)],
        });
        var late = new SubscriptionEntity("t", Lasting("late", ofSubscription), topic.Domain);
        topic.Add(late);
        topic.Send([Message("a")], null);
        topic.Send([Message("b") with { ScheduledEnqueueTime = _entities.Time.GetUtcNow().AddSeconds(3) }], null);

        _entities.Time.Advance(TimeSpan.FromSeconds(4));
        var copies = topic.Subscriptions[0].Messages.Numbered.Peek(0, 9, long.MaxValue, null);
        Assert.All(copies, message => Assert.Null(message.Content.TimeToLive));
        Assert.Equal(["a", "b"], Ids(topic.Subscriptions[0]));

        _entities.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["b"], Ids(topic.Subscriptions[0]));
        Assert.Equal(["b"], Ids(late));

        _entities.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(Ids(topic.Subscriptions[0]));
    }

    [Fact]
    public void Change_TimeToLiveOfTheTopic_HoldsForWhatIsPublishedFromThenOn()
    {
        using var topic = _entities.Topic(new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] });
        topic.Send([Message("a")], null);
        topic.Change(topic.Settings with { DefaultMessageTimeToLive = TimeSpan.FromSeconds(5) });
        topic.Send([Message("b")], null);

        _entities.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["a"], Ids(topic.Subscriptions[0]));
    }

    [Fact]
    public void CorrelationMatch_NumbersOfOtherWidth_AreEqualByValue()
    {
        var filter = new CorrelationFilter { Properties = new Dictionary<string, object> { ["n"] = 5L, ["s"] = "x" } };

        Assert.True(CorrelationMatch.IsMatch(filter, Fields(5)));
        Assert.True(CorrelationMatch.IsMatch(filter, Fields((byte)5)));
        Assert.True(CorrelationMatch.IsMatch(filter, Fields(5.0)));
        Assert.False(CorrelationMatch.IsMatch(filter, Fields(6)));
        Assert.False(CorrelationMatch.IsMatch(filter, Fields("5")));
        Assert.False(CorrelationMatch.IsMatch(filter, new FilterFields()));

        static FilterFields Fields(object n) => new() { Properties = new Dictionary<string, object?> { ["n"] = n, ["s"] = "x" } };
    }

    private static SubscriptionSettings Lasting(string name, int seconds) =>
        new() { Name = name, DefaultMessageTimeToLive = TimeSpan.FromSeconds(seconds) };

    private static RuleSettings Rule(RuleFilter filter) => new() { Name = "r", Filter = filter };

    private static string[] Ids(SubscriptionEntity subscription) =>
        [.. subscription.Messages.Numbered.Peek(0, 100, long.MaxValue, null).Select(message => message.Content.MessageId)];
}
