using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Journal;

public sealed class RuleJournalTests : IDisposable
{
    private readonly JournalFixture _journal = new()
    {
        Topology = new NamespaceTopology
        {
            Queues = [new QueueSettings { Name = "q" }],
            Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "changed" }, new SubscriptionSettings { Name = "declared" }] }],
        },
    };

    [Fact]
    public async Task Rules_ChangedAtRunTime_AreThereAfterARestartAndInForce()
    {
        var values = new Dictionary<string, object>
        {
            ["s"] = "x",
            ["b"] = true,
            ["i"] = 5L,
            ["d"] = 1.25,
            ["m"] = 2.5m,
            ["g"] = Guid.NewGuid(),
            ["t"] = DateTimeOffset.UnixEpoch,
            ["u"] = TimeSpan.FromSeconds(3),
        };
        var made = new RuleSettings
        {
            Name = "r1",
            Filter = new SqlFilter("sys.MessageId = @s") { Parameters = values },
            ActionSqlExpression = "SET sys.Label = @s",
            ActionParameters = values,
            CreatedAt = _journal.Time.GetUtcNow(),
        };
        await using (var engine = _journal.Open())
        {
            var subscription = engine.Entities.Topics[0].Subscriptions[0];
            Assert.True(await engine.StoredAsync(RuleManagement.Add(subscription, made)));
            Assert.True(await engine.StoredAsync(RuleManagement.Add(subscription, made with { Name = "gone" })));
            Assert.True(await engine.StoredAsync(RuleManagement.Remove(subscription, "gone")));
            Assert.True(await engine.StoredAsync(RuleManagement.Remove(subscription, "$Default")));
        }

        await using (var engine = _journal.Open())
        {
            var topic = engine.Entities.Topics[0];
            var rule = Assert.Single(topic.Subscriptions[0].Rules).Settings;
            Assert.Equal(("r1", made.ActionSqlExpression, made.CreatedAt), (rule.Name, rule.ActionSqlExpression, rule.CreatedAt));
            Assert.Equal(values, Assert.IsType<SqlFilter>(rule.Filter).Parameters);
            Assert.Equal(values, rule.ActionParameters);
            Assert.Equal(["$Default"], topic.Subscriptions[1].Rules.Select(other => other.Name));
            topic.Send([EntityFixture.Message("b")], null);
            Assert.Equal(0, topic.Subscriptions[0].Messages.Count().Active);
            Assert.Equal(1, topic.Subscriptions[1].Messages.Count().Active);
        }
    }

    /// <summary>What is read back is our own writing: no limit for peers' documents applies.</summary>
    [Fact]
    public async Task Rules_MoreThanADocumentOfAPeerMayHold_AreReadBack()
    {
        await using (var engine = _journal.Open())
        {
            var rules = Enumerable.Range(0, 2000).Select(number => SubscriptionRuleTests.Sql($"r{number}", $"a = '{new string('<', 900)}'"));
            var outcome = engine.Entities.Topics[0].Subscriptions[0].Change(settings => settings with { Rules = [.. rules] });
            Assert.True(await engine.StoredAsync(outcome!.Value));
        }

        await using (var engine = _journal.Open())
        {
            Assert.Equal(2000, engine.Entities.Topics[0].Subscriptions[0].Rules.Count);
        }
    }

    public void Dispose() => _journal.Dispose();
}
