using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

public sealed class SubscriptionRuleTests
{
    private readonly EntityFixture _entities = new();

    [Fact]
    public void Publish_RulesWithActions_EachMatchYieldsItsOwnCopyBesideOneForTheRest()
    {
        using var topic = Topic(
            new SubscriptionSettings
            {
                Name = "s",
                Rules =
                [
                    Sql("plain", "sys.MessageId = 'a'"),
                    RuleSettings.MatchAll,
                    Sql("first", "sys.MessageId LIKE '_'", "SET n = 1"),
                    Sql("second", "1=1", "SET n = 2"),
                    Sql("third", "sys.MessageId = 'b'", "SET n = 3"),
                ],
            });

        topic.Send([Message("a")], null);

        Assert.Equal(["n=1;", "n=2;", ""], Copies(topic).Select(copy => Text(copy.Content)));
    }

    [Fact]
    public void Publish_FilterCannotBeEvaluated_DeadLettersAndTheOtherRulesStillDeliver()
    {
        using var topic = Topic(
            new SubscriptionSettings { Name = "s", Rules = [Sql("broken", "1 / 0 = 1"), Sql("fine", "sys.MessageId = 'a'")] });

        topic.Send([Message("a"), Message("b")], null);

        Assert.Equal(["a"], Copies(topic).Select(copy => copy.Content.MessageId));
        var letters = topic.Subscriptions[0].DeadLetters.Numbered.Peek(0, 9, long.MaxValue, null);
        Assert.Equal(["a", "b"], letters.Select(letter => letter.Content.MessageId));
        Assert.Contains(
            "DeadLetterReason=FilterEvaluationException;DeadLetterErrorDescription=Rule 'broken' could not be evaluated: a "
                + "division by zero.",
            Text(letters[0].Content),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Publish_FilterCannotBeEvaluatedAndNoDeadLettering_DropsIt()
    {
        using var topic = Topic(
            new SubscriptionSettings
            {
                Name = "s",
                DeadLetteringOnFilterEvaluationExceptions = false,
                Rules = [Sql("broken", "1=1", "SET a = 1 / 0")],
            });

        topic.Send([Message("a")], null);

        Assert.Empty(Copies(topic));
        Assert.Equal(0, topic.Subscriptions[0].DeadLetters.Count().Active);
    }

    [Fact]
    public void Publish_ActionGivesTheSessionId_IsDeliveredToASessionSubscription()
    {
        using var topic = Topic(
            new SubscriptionSettings { Name = "s", RequiresSession = true, Rules = [Sql("r", "1=1", "SET sys.SessionId = 'x'")] });

        topic.Send([Message("a")], null);

        Assert.Equal("x", Assert.Single(Copies(topic)).Content.SessionId);
        Assert.Equal(0, topic.Subscriptions[0].DeadLetters.Count().Active);
    }

    [Fact]
    public void AddAndRemove_AtRunTime_TakeEffectOnWhatIsSentAfterwards()
    {
        using var topic = Topic(new SubscriptionSettings { Name = "s" });
        var subscription = topic.Subscriptions[0];

        Assert.Equal(EntityFault.None, RuleManagement.Remove(subscription, "$default").Fault);
        topic.Send([Message("a")], null);
        Assert.Equal(EntityFault.None, RuleManagement.Add(subscription, Sql("r", "sys.MessageId <> 'a'")).Fault);
        topic.Send([Message("a"), Message("b")], null);

        Assert.Equal(["b"], Copies(topic).Select(copy => copy.Content.MessageId));
        Assert.Equal(EntityFault.RuleExists, RuleManagement.Add(subscription, Sql("R", "1=1")).Fault);
        Assert.Equal(EntityFault.RuleNotFound, RuleManagement.Remove(subscription, "$Default").Fault);
        Assert.Equal(["r"], subscription.Rules.Select(rule => rule.Name));
    }

    internal static RuleSettings Sql(string name, string filter, string? action = null) =>
        new() { Name = name, Filter = new SqlFilter(filter), ActionSqlExpression = action };

    private TopicEntity Topic(params SubscriptionSettings[] subscriptions) =>
        _entities.Topic(new TopicSettings { Name = "t", Subscriptions = subscriptions });

    private static List<MessageSnapshot> Copies(TopicEntity topic) =>
        topic.Subscriptions[0].Messages.Numbered.Peek(0, 99, long.MaxValue, null);
}
