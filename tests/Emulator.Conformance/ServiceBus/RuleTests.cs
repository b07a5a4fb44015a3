using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Emulator.Conformance.ServiceBus;

public sealed class RuleTests : ServiceBusConformance
{
    /// <summary>A subscription begins with one rule that matches everything.</summary>
    [Fact]
    public async Task GetRules_OfAFreshSubscription_IsTheDefaultRule()
    {
        var rule = Assert.Single(await ListAsync(Rules()));

        Assert.Equal("$Default", rule.Name);
        Assert.IsType<TrueRuleFilter>(rule.Filter);
        Assert.Null(rule.Action);
    }

    /// <summary>SQL and correlation filters decide what a subscription gets, and an action changes a copy of its own.</summary>
    [Fact]
    public async Task CreateRule_InPlaceOfTheDefault_DecidesWhatComes()
    {
        var rules = Rules();
        await rules.CreateRuleAsync("sql", new SqlRuleFilter("color = 'red' AND quantity >= 5 AND sys.Label IS NOT NULL"), Cancel);
        await rules.CreateRuleAsync(
            "correlation", new CorrelationRuleFilter("c") { Subject = "s", ApplicationProperties = { ["level"] = 5 } }, Cancel);
        await rules.CreateRuleAsync(
            new CreateRuleOptions("action", new SqlRuleFilter("color LIKE 'bl%'"))
            {
                Action = new SqlRuleAction("SET sys.Label = 'changed'; SET doubled = quantity * 2; REMOVE color"),
            },
            Cancel);
        await rules.DeleteRuleAsync("$Default", Cancel);
        var sender = Sender(Topic);

        await sender.SendMessageAsync(Message("1", "s", ("color", "red"), ("quantity", 5)), Cancel);
        await sender.SendMessageAsync(Message("2", "s", ("color", "red"), ("quantity", 4)), Cancel);
        await sender.SendMessageAsync(Message("3", null, ("color", "red"), ("quantity", 9)), Cancel);
        await sender.SendMessageAsync(Message("4", "s", ("level", 5L)), Cancel);
        await sender.SendMessageAsync(Message("5", "s", ("level", 6)), Cancel);
        await sender.SendMessageAsync(Message("6", "s", ("color", "blue"), ("quantity", 1.5)), Cancel);

        var receiver = Own(
            Client.CreateReceiver(
                Topic, AllSubscription, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }));
        Assert.Equal("1", (await NextAsync(receiver)).MessageId);
        Assert.Equal("4", (await NextAsync(receiver)).MessageId);
        var changed = await NextAsync(receiver);
        Assert.Equal(("6", "changed"), (changed.MessageId, changed.Subject));
        Assert.Equal(
            [("doubled", 3.0), ("quantity", 1.5)],
            changed.ApplicationProperties.OrderBy(pair => pair.Key).Select(pair => (pair.Key, (double)pair.Value)));
        await EmptyAsync(receiver);
    }

    /// <summary>Rules are listed as they were made.</summary>
    [Fact]
    public async Task GetRules_OfEveryKind_GivesThemBack()
    {
        var rules = Rules();
        var correlation = new CorrelationRuleFilter
        {
            MessageId = "m",
            To = "t",
            ReplyTo = "r",
            SessionId = "s",
            ReplyToSessionId = "rs",
            ContentType = "ct",
            ApplicationProperties = { ["n"] = 1L, ["s"] = "x", ["b"] = true },
        };
        await rules.CreateRuleAsync("correlation", correlation, Cancel);
        await rules.CreateRuleAsync("false", new FalseRuleFilter(), Cancel);
        await rules.CreateRuleAsync(
            new CreateRuleOptions("sql", new SqlRuleFilter("a = 1")) { Action = new SqlRuleAction("SET b = 2") }, Cancel);

        var listed = (await ListAsync(rules)).ToDictionary(rule => rule.Name);

        Assert.Equal(["$Default", "correlation", "false", "sql"], listed.Keys.Order(StringComparer.Ordinal));
        var read = Assert.IsType<CorrelationRuleFilter>(listed["correlation"].Filter);
        Assert.Equal(
            ("m", "t", "r", "s", "rs", "ct"),
            (read.MessageId, read.To, read.ReplyTo, read.SessionId, read.ReplyToSessionId, read.ContentType));
        Assert.Equal(correlation.ApplicationProperties, read.ApplicationProperties);
        Assert.IsType<FalseRuleFilter>(listed["false"].Filter);
        Assert.Equal("a = 1", Assert.IsType<SqlRuleFilter>(listed["sql"].Filter).SqlExpression);
        Assert.Equal("SET b = 2", Assert.IsType<SqlRuleAction>(listed["sql"].Action).SqlExpression);
    }

    /// <summary>A name that is taken, one that is not there, and an expression that is none are told apart.</summary>
    [Fact]
    public async Task CreateAndDeleteRule_WhatCannotBe_SaysWhy()
    {
        var rules = Rules();

        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityAlreadyExists, () => rules.CreateRuleAsync("$Default", new TrueRuleFilter(), Cancel));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => rules.DeleteRuleAsync("missing", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => rules.CreateRuleAsync("wrong", new SqlRuleFilter("color ="), Cancel));
        await rules.CloseAsync(Cancel);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rules.DeleteRuleAsync("missing", Cancel));
    }

    private ServiceBusRuleManager Rules() => Own(Client.CreateRuleManager(Topic, AllSubscription));

    private static async Task<List<RuleProperties>> ListAsync(ServiceBusRuleManager rules)
    {
        var list = new List<RuleProperties>();
        await foreach (var rule in rules.GetRulesAsync(Cancel))
        {
            list.Add(rule);
        }

        return list;
    }

    private static ServiceBusMessage Message(string id, string? subject, params (string Name, object Value)[] properties)
    {
        var message = new ServiceBusMessage { MessageId = id, CorrelationId = "c", Subject = subject };
        foreach (var (name, value) in properties)
        {
            message.ApplicationProperties[name] = value;
        }

        return message;
    }
}
