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
            Topics =
            [
                new TopicSettings
                {
                    Name = "t",
                    Subscriptions = [new SubscriptionSettings { Name = "changed" }, new SubscriptionSettings { Name = "declared" }],
                },
            ],
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
            var rules = Enumerable.Range(0, 2000)
                .Select(number => SubscriptionRuleTests.Sql($"r{number}", $"a = '{new string('<', 900)}'"));
            var outcome = engine.Entities.Topics[0].Subscriptions[0].Change(settings => settings with { Rules = [.. rules] });
            Assert.True(await engine.StoredAsync(outcome!.Value));
        }

        await using (var engine = _journal.Open())
        {
            Assert.Equal(2000, engine.Entities.Topics[0].Subscriptions[0].Rules.Count);
        }
    }

    /// <summary>What is kept is what was set: spaces at the ends, spaces only, line breaks of either kind.</summary>
    [Theory]
    [InlineData(" spaced ")]
    [InlineData("   ")]
    [InlineData("two\r\nlines\rand\ta tab\n")]
    [InlineData("<&>\"']]>")]
    public async Task Texts_OfAnyForm_AreReadBackAsTheyWere(string text)
    {
        var filter = new CorrelationFilter { Label = text, Properties = new Dictionary<string, object> { [text] = text } };
        await using (var engine = _journal.Open())
        {
            engine.Entities.Add(new QueueSettings { Name = "new", Extras = new EntityExtras { UserMetadata = text } });
            Assert.True(
                await engine.StoredAsync(
                    RuleManagement.Add(engine.Entities.Topics[0].Subscriptions[0], new RuleSettings { Name = "r", Filter = filter })));
        }

        await using (var engine = _journal.Open())
        {
            Assert.Equal(text, engine.Entities.Queues[1].Settings.Extras.UserMetadata);
            var read = Assert.IsType<CorrelationFilter>(engine.Entities.Topics[0].Subscriptions[0].Rules[1].Settings.Filter);
            Assert.Equal((text, text), (read.Label, read.Properties[text]));
        }
    }

    /// <summary>What no document can hold would end the connection that asks for it, and the next start.</summary>
    [Theory]
    [InlineData(0x0001)]
    [InlineData(0xD800)]
    [InlineData(0xDC00, 0xD800)]
    [InlineData(0xFFFE)]
    public void Add_TextThatNoDocumentHolds_IsRefusedWithAReason(params int[] units)
    {
        var text = string.Concat(units.Select(unit => (char)unit));
        foreach (var filter in new RuleFilter[]
        {
            new CorrelationFilter { Label = text },
            new CorrelationFilter { Properties = new Dictionary<string, object> { [text] = 1 } },
            new CorrelationFilter { Properties = new Dictionary<string, object> { ["p"] = text } },
            new SqlFilter($"a = '{text}'"),
            new SqlFilter("a = @p") { Parameters = new Dictionary<string, object> { ["p"] = text } },
        })
        {
            Assert.False(Emulator.ServiceBus.Rules.Rule.TryCompile(new RuleSettings { Name = "r", Filter = filter }, out _, out var error));
            Assert.Contains("XML", error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _journal.Dispose();
}
