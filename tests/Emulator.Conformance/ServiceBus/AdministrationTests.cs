using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// Entities made, read, changed and deleted by the administration client, and what messaging makes of it. Every name is the case's own.
/// </summary>
public sealed class AdministrationTests : ServiceBusConformance
{
    private readonly string _name = $"conformance-{Guid.NewGuid():N}";
    private ServiceBusAdministrationClient? _admin;

    protected override bool NeedsAdminPort => true;

    private ServiceBusAdministrationClient Admin => _admin ??= new ServiceBusAdministrationClient(AdminConnectionString);

    [Fact]
    public async Task CreateQueue_WithSettings_ReadsThemBackAndTakesMessages()
    {
        var options = new CreateQueueOptions(_name)
        {
            LockDuration = TimeSpan.FromSeconds(30),
            MaxDeliveryCount = 7,
            DefaultMessageTimeToLive = TimeSpan.FromDays(2),
            DeadLetteringOnMessageExpiration = true,
            RequiresDuplicateDetection = true,
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(5),
            UserMetadata = "<made> & kept",
        };

        QueueProperties made = await Admin.CreateQueueAsync(options, Cancel);
        QueueProperties read = await Admin.GetQueueAsync(_name, Cancel);

        foreach (var queue in new[] { made, read })
        {
            Assert.Equal((_name, options.LockDuration, 7), (queue.Name, queue.LockDuration, queue.MaxDeliveryCount));
            Assert.Equal((options.DefaultMessageTimeToLive, TimeSpan.MaxValue), (queue.DefaultMessageTimeToLive, queue.AutoDeleteOnIdle));
            Assert.Equal(
                (true, true, false), (queue.DeadLetteringOnMessageExpiration, queue.RequiresDuplicateDetection, queue.RequiresSession));
            Assert.Equal(
                (options.DuplicateDetectionHistoryTimeWindow, "<made> & kept"),
                (queue.DuplicateDetectionHistoryTimeWindow, queue.UserMetadata));
            Assert.Equal(EntityStatus.Active, queue.Status);
        }

        await Sender(_name).SendMessagesAsync(
            [new ServiceBusMessage("1") { MessageId = "same" }, new ServiceBusMessage("2") { MessageId = "same" }], Cancel);
        Assert.Equal("1", (await NextAsync(Receiver(_name, ServiceBusReceiveMode.ReceiveAndDelete))).Body.ToString());
        await Admin.DeleteQueueAsync(_name, Cancel);
    }

    [Fact]
    public async Task Create_NameThatIsTaken_IsAlreadyExists()
    {
        await Admin.CreateTopicAsync(_name, Cancel);
        await Admin.CreateSubscriptionAsync(_name, "s", Cancel);

        await FailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateTopicAsync(_name, Cancel));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateSubscriptionAsync(_name, "s", Cancel));
        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityAlreadyExists, () => Admin.CreateRuleAsync(_name, "s", new CreateRuleOptions(), Cancel));
        await Admin.DeleteTopicAsync(_name, Cancel);
    }

    [Fact]
    public async Task AnyOperation_OnWhatIsAbsent_IsNotFoundAndExistsIsFalse()
    {
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetQueueAsync(_name, Cancel));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.GetTopicRuntimePropertiesAsync(_name, Cancel));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.DeleteQueueAsync(_name, Cancel));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => Admin.CreateSubscriptionAsync(_name, "s", Cancel));
        Assert.False(await Admin.QueueExistsAsync(_name, Cancel));
        Assert.False(await Admin.TopicExistsAsync(_name, Cancel));
        Assert.False(await Admin.SubscriptionExistsAsync(_name, "s", Cancel));
        Assert.False(await Admin.RuleExistsAsync(_name, "s", "r", Cancel));
    }

    [Fact]
    public async Task CreateQueue_SettingsOutOfRange_IsArgumentException()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateQueueAsync(new CreateQueueOptions(_name) { LockDuration = TimeSpan.FromMinutes(6) }, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Admin.CreateQueueAsync(new CreateQueueOptions(_name) { MaxDeliveryCount = 2001 }, Cancel));
        Assert.False(await Admin.QueueExistsAsync(_name, Cancel));
    }

    [Fact]
    public async Task UpdateQueue_OtherSettings_HoldFromTheNextDelivery()
    {
        QueueProperties queue = await Admin.CreateQueueAsync(_name, Cancel);
        queue.MaxDeliveryCount = 1;
        queue.LockDuration = TimeSpan.FromMinutes(2);

        QueueProperties updated = await Admin.UpdateQueueAsync(queue, Cancel);

        Assert.Equal((1, TimeSpan.FromMinutes(2)), (updated.MaxDeliveryCount, updated.LockDuration));
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("once"), Cancel);
        var receiver = Receiver(_name);
        await receiver.AbandonMessageAsync(await NextAsync(receiver), cancellationToken: Cancel);
        Assert.Equal("MaxDeliveryCountExceeded", (await NextAsync(DeadLetters(_name))).DeadLetterReason);
        await Admin.DeleteQueueAsync(_name, Cancel);
    }

    [Fact]
    public async Task UpdateQueue_SendDisabled_RefusesSendersOnlyUntilActiveAgain()
    {
        QueueProperties queue = await Admin.CreateQueueAsync(_name, Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("before"), Cancel);
        queue.Status = EntityStatus.SendDisabled;
        queue = await Admin.UpdateQueueAsync(queue, Cancel);

        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityDisabled, () => Sender(_name).SendMessageAsync(new ServiceBusMessage("while"), Cancel));
        Assert.Equal("before", (await NextAsync(Receiver(_name, ServiceBusReceiveMode.ReceiveAndDelete))).Body.ToString());
        queue.Status = EntityStatus.Active;
        await Admin.UpdateQueueAsync(queue, Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("after"), Cancel);
        await Admin.DeleteQueueAsync(_name, Cancel);
    }

    [Fact]
    public async Task QueueRuntimeProperties_MessagesInEveryState_AreCounted()
    {
        await Admin.CreateQueueAsync(_name, Cancel);
        var sender = Sender(_name);
        await sender.SendMessagesAsync(
            [new ServiceBusMessage("active"), new ServiceBusMessage("dead"), new ServiceBusMessage("deferred")], Cancel);
        await sender.ScheduleMessageAsync(new ServiceBusMessage("scheduled"), DateTimeOffset.MaxValue.AddDays(-1000), Cancel);
        var receiver = Receiver(_name);
        var active = await NextAsync(receiver);
        await receiver.DeadLetterMessageAsync(await NextAsync(receiver), "why", cancellationToken: Cancel);
        await receiver.DeferMessageAsync(await NextAsync(receiver), cancellationToken: Cancel);
        await receiver.AbandonMessageAsync(active, cancellationToken: Cancel);

        QueueRuntimeProperties runtime = await Admin.GetQueueRuntimePropertiesAsync(_name, Cancel);

        Assert.Equal(
            (1, 1, 1, 4),
            (runtime.ActiveMessageCount, runtime.DeadLetterMessageCount, runtime.ScheduledMessageCount, runtime.TotalMessageCount));
        Assert.True(runtime.SizeInBytes > 0);
        Assert.True(runtime.CreatedAt > DateTimeOffset.UnixEpoch && runtime.UpdatedAt >= runtime.CreatedAt);
        await Admin.DeleteQueueAsync(_name, Cancel);
    }

    [Fact]
    public async Task Subscription_WithARuleInPlaceOfTheDefault_GetsWhatMatches()
    {
        await Admin.CreateTopicAsync(_name, Cancel);
        var red = new CreateRuleOptions(
            "red", new CorrelationRuleFilter { Subject = "s", ApplicationProperties = { ["color"] = "red", ["size"] = 5 } });
        await Admin.CreateSubscriptionAsync(new CreateSubscriptionOptions(_name, "some"), red, Cancel);
        await Admin.CreateRuleAsync(
            _name,
            "some",
            new CreateRuleOptions("large", new SqlRuleFilter("size > 100")) { Action = new SqlRuleAction("SET seen = 'yes'") },
            Cancel);
        var rules = new List<RuleProperties>();
        await foreach (var rule in Admin.GetRulesAsync(_name, "some", Cancel))
        {
            rules.Add(rule);
        }

        Assert.Equal(["large", "red"], rules.Select(rule => rule.Name));
        Assert.Equal("SET seen = 'yes'", Assert.IsType<SqlRuleAction>(rules[0].Action).SqlExpression);
        Assert.Equal(5, Assert.IsType<CorrelationRuleFilter>(rules[1].Filter).ApplicationProperties["size"]);
        await Sender(_name).SendMessagesAsync(
            [
                new ServiceBusMessage("small blue") { ApplicationProperties = { ["color"] = "blue", ["size"] = 5 } },
                new ServiceBusMessage("red") { Subject = "s", ApplicationProperties = { ["color"] = "red", ["size"] = 5L } },
                new ServiceBusMessage("large") { ApplicationProperties = { ["size"] = 101 } },
            ],
            Cancel);
        var receiver = Own(
            Client.CreateReceiver(_name, "some", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }));
        Assert.Equal("red", (await NextAsync(receiver)).Body.ToString());
        var large = await NextAsync(receiver);
        Assert.Equal(("large", "yes"), (large.Body.ToString(), large.ApplicationProperties["seen"]));
        await EmptyAsync(receiver);
        await Admin.DeleteTopicAsync(_name, Cancel);
    }

    [Fact]
    public async Task Rule_ChangedAndRemoved_ChangesWhatIsGivenFromThenOn()
    {
        await Admin.CreateTopicAsync(_name, Cancel);
        await Admin.CreateSubscriptionAsync(_name, "s", Cancel);
        RuleProperties rule = await Admin.GetRuleAsync(_name, "s", RuleProperties.DefaultRuleName, Cancel);
        Assert.IsType<TrueRuleFilter>(rule.Filter);
        rule.Filter = new FalseRuleFilter();
        await Admin.UpdateRuleAsync(_name, "s", rule, Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("lost"), Cancel);
        await Admin.DeleteRuleAsync(_name, "s", RuleProperties.DefaultRuleName, Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("lost too"), Cancel);
        await Admin.CreateRuleAsync(_name, "s", new CreateRuleOptions("all", new TrueRuleFilter()), Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("kept"), Cancel);

        Assert.Equal("kept", (await NextAsync(Own(Client.CreateReceiver(_name, "s")))).Body.ToString());
        TopicRuntimeProperties topic = await Admin.GetTopicRuntimePropertiesAsync(_name, Cancel);
        SubscriptionRuntimeProperties subscription = await Admin.GetSubscriptionRuntimePropertiesAsync(_name, "s", Cancel);
        Assert.Equal((1, 1), (topic.SubscriptionCount, subscription.TotalMessageCount));
        await Admin.DeleteTopicAsync(_name, Cancel);
    }

    [Fact]
    public async Task DeleteQueue_UnderAReceiver_EndsItWithNotFoundAndTheNextOfThatNameStartsAnew()
    {
        await Admin.CreateQueueAsync(_name, Cancel);
        await Sender(_name).SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2")], Cancel);
        var receiver = Receiver(_name);
        await NextAsync(receiver);
        await NextAsync(receiver);
        var waiting = receiver.ReceiveMessageAsync(Soon, Cancel);

        await Admin.DeleteQueueAsync(_name, Cancel);

        // The client ends the receive that waited without a message, and says why on the next.
        Assert.Null(await waiting);
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => receiver.ReceiveMessageAsync(Soon, Cancel));
        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound, () => Sender(_name).SendMessageAsync(new ServiceBusMessage("late"), Cancel));
        await Admin.CreateQueueAsync(_name, Cancel);
        await Sender(_name).SendMessageAsync(new ServiceBusMessage("anew"), Cancel);
        var message = await NextAsync(Receiver(_name, ServiceBusReceiveMode.ReceiveAndDelete));
        Assert.Equal(("anew", 1), (message.Body.ToString(), message.SequenceNumber));
        await Admin.DeleteQueueAsync(_name, Cancel);
    }

    [Fact]
    public async Task GetQueues_MoreThanAPage_ListsEveryOne()
    {
        var names = Enumerable.Range(0, 120).Select(number => $"{_name}-{number:000}").ToList();
        foreach (var name in names)
        {
            await Admin.CreateQueueAsync(name, Cancel);
        }

        var listed = new List<string>();
        await foreach (var queue in Admin.GetQueuesAsync(Cancel))
        {
            if (queue.Name.StartsWith(_name, StringComparison.Ordinal)) listed.Add(queue.Name);
        }

        Assert.Equal(names, listed);
        foreach (var name in names)
        {
            await Admin.DeleteQueueAsync(name, Cancel);
        }
    }

    [Fact]
    public async Task NamespaceProperties_OfAnyNamespace_HaveANameAndATier()
    {
        NamespaceProperties properties = await Admin.GetNamespacePropertiesAsync(Cancel);

        Assert.NotEmpty(properties.Name);
        Assert.Contains(properties.MessagingSku, new[] { MessagingSku.Basic, MessagingSku.Standard, MessagingSku.Premium });
    }
}
