using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// The service's limits as the official client meets them; it checks ids itself, and leaves properties and names to the service.
/// </summary>
public sealed class LimitTests : ServiceBusConformance
{
    private const int MaxPropertyBytes = 32 * 1024;

    protected override bool NeedsAdminPort => true;

    [Fact]
    public async Task Send_PropertyOver32KiB_IsRefusedForGood()
    {
        var sender = Sender();
        await sender.SendMessageAsync(With(MaxPropertyBytes), Cancel);
        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendMessageAsync(With(MaxPropertyBytes + 1), Cancel));

        var message = await NextAsync(Receiver());
        Assert.Equal(MaxPropertyBytes, ((string)message.ApplicationProperties["0"]).Length);
    }

    [Fact]
    public async Task Send_PropertiesOver64KiB_IsRefusedForGood()
    {
        var sender = Sender();
        await sender.SendMessageAsync(With(30_000, 30_000, 5_000), Cancel);
        await Assert.ThrowsAsync<ArgumentException>(() => sender.SendMessageAsync(With(30_000, 30_000, 6_000), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(
            () => sender.ScheduleMessageAsync(With(30_000, 30_000, 6_000), TimeProvider.System.GetUtcNow().AddHours(1), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(
            () => sender.SendMessagesAsync([new ServiceBusMessage("small"), With(30_000, 30_000, 6_000)], Cancel));
        Assert.Single(await Receiver().PeekMessagesAsync(10, cancellationToken: Cancel));
    }

    [Fact]
    public async Task DeadLetter_PropertiesThatDoNotFit_IsRefusedAndTheMessageStays()
    {
        await Sender().SendMessageAsync(With(30_000, 30_000), Cancel);
        var receiver = Receiver();
        var message = await NextAsync(receiver);
        var properties = new Dictionary<string, object> { ["stack"] = new string('s', 6_000) };

        await Assert.ThrowsAsync<ArgumentException>(
            () => receiver.DeadLetterMessageAsync(message, properties, "too much", cancellationToken: Cancel));

        await receiver.DeadLetterMessageAsync(message, "less", cancellationToken: Cancel);
        Assert.Equal("less", (await NextAsync(DeadLetters())).DeadLetterReason);
    }

    /// <summary>Such as frameworks make of generic types.</summary>
    [Theory]
    [InlineData("ends-")]
    [InlineData("ends_")]
    [InlineData("ends.")]
    [InlineData("Message~of~String")]
    public async Task Create_NamesOfEveryAllowedCharacter_AreTaken(string name)
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        await administration.CreateTopicAsync(name, Cancel);
        await administration.CreateSubscriptionAsync(
            new CreateSubscriptionOptions(name, name), new CreateRuleOptions(name, new TrueRuleFilter()), Cancel);
        await Sender(name).SendMessageAsync(new ServiceBusMessage("x"), Cancel);

        await NextAsync(Own(Client.CreateReceiver(name, name)));
        await administration.DeleteTopicAsync(name, Cancel);
    }

    [Fact]
    public async Task CreateRule_SqlThatIsAlwaysTrue_StaysSql()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        await administration.CreateRuleAsync(Topic, OtherSubscription, new CreateRuleOptions("sql", new SqlRuleFilter("1 = 1")), Cancel);
        await administration.CreateRuleAsync(Topic, OtherSubscription, new CreateRuleOptions("sql-tight", new SqlRuleFilter("1=1")), Cancel);
        await administration.CreateRuleAsync(Topic, OtherSubscription, new CreateRuleOptions("true", new TrueRuleFilter()), Cancel);
        await using (var rules = Client.CreateRuleManager(Topic, OtherSubscription))
        {
            await rules.CreateRuleAsync("managed", new SqlRuleFilter("1 = 1"), Cancel);
        }

        foreach (var (name, type) in new[] { ("sql", typeof(SqlRuleFilter)), ("sql-tight", typeof(SqlRuleFilter)), ("true", typeof(TrueRuleFilter)), ("managed", typeof(SqlRuleFilter)) })
        {
            RuleProperties rule = await administration.GetRuleAsync(Topic, OtherSubscription, name, Cancel);
            Assert.Equal((name, type), (name, rule.Filter.GetType()));
            await administration.DeleteRuleAsync(Topic, OtherSubscription, name, Cancel);
        }
    }

    /// <summary>A Standard namespace: every entity has the tier's largest message, and its links say so.</summary>
    [Fact]
    public async Task CreateQueue_OfAStandardNamespace_TakesMessagesOf256KiB()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        QueueProperties made = await administration.CreateQueueAsync("fresh", Cancel);
        Assert.Equal(256, made.MaxMessageSizeInKilobytes);
        Assert.Equal(256, (await administration.GetTopicAsync(Topic, Cancel)).Value.MaxMessageSizeInKilobytes);

        var sender = Sender("fresh");
        using var batch = await sender.CreateMessageBatchAsync(Cancel);
        Assert.Equal(MaxMessageBytes, batch.MaxSizeInBytes);
        await FailsAsync(
            ServiceBusFailureReason.MessageSizeExceeded,
            () => sender.SendMessageAsync(new ServiceBusMessage(new byte[300 * 1024]), Cancel));
        made.MaxMessageSizeInKilobytes = 100;
        await administration.UpdateQueueAsync(made, Cancel);
        await FailsAsync(
            ServiceBusFailureReason.MessageSizeExceeded,
            () => Sender("fresh").SendMessageAsync(new ServiceBusMessage(new byte[100 * 1024]), Cancel));
        await Sender("fresh").SendMessageAsync(new ServiceBusMessage(new byte[99 * 1024]), Cancel);
        await administration.DeleteQueueAsync("fresh", Cancel);
    }

    /// <summary>What goes through management is larger than the message in it.</summary>
    [Fact]
    public async Task Message_OfTheLargestSize_CanBeScheduledPeekedAndDeferred()
    {
        var largest = new byte[MaxMessageBytes - 100];
        var number = await Sender().ScheduleMessageAsync(
            new ServiceBusMessage(largest) { MessageId = "s" }, TimeProvider.System.GetUtcNow().AddHours(1), Cancel);
        Assert.Equal(largest.Length, (await Receiver().PeekMessageAsync(cancellationToken: Cancel)).Body.ToMemory().Length);
        await Sender().CancelScheduledMessageAsync(number, Cancel);
        foreach (var id in new[] { "1", "2", "3" }) await Sender().SendMessageAsync(new ServiceBusMessage(largest) { MessageId = id }, Cancel);
        Assert.NotEmpty(await Receiver().PeekMessagesAsync(3, cancellationToken: Cancel));

        var receiver = Receiver();
        var messages = new[] { await NextAsync(receiver), await NextAsync(receiver), await NextAsync(receiver) };
        foreach (var message in messages) await receiver.DeferMessageAsync(message, cancellationToken: Cancel);
        var deferred = await receiver.ReceiveDeferredMessagesAsync(messages.Select(message => message.SequenceNumber), Cancel);
        Assert.Equal(["1", "2", "3"], deferred.Select(message => message.MessageId));
    }

    [Fact]
    public async Task AccessedAt_OfATopic_MovesWithASubscriptionAndWithASend()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        await administration.CreateTopicAsync("accessed", Cancel);
        var clock = Clock;
        clock.Advance(TimeSpan.FromMinutes(1));
        await administration.CreateSubscriptionAsync("accessed", "s", Cancel);
        Assert.Equal(clock.GetUtcNow(), await AccessedAsync(), TimeSpan.FromMilliseconds(1));

        var sender = Sender("accessed");
        await sender.SendMessageAsync(new ServiceBusMessage("x"), Cancel);
        clock.Advance(TimeSpan.FromMinutes(1));
        await sender.SendMessageAsync(new ServiceBusMessage("x"), Cancel);
        Assert.Equal(clock.GetUtcNow(), await AccessedAsync(), TimeSpan.FromMilliseconds(1));

        async Task<DateTimeOffset> AccessedAsync() => (await administration.GetTopicRuntimePropertiesAsync("accessed", Cancel)).Value.AccessedAt;
    }

    /// <summary>
    /// What an entity allows shows on messages that asked for more and on dead letters, and on no others, though these expire too.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TimeToLive_OfTheEntity_IsStampedOnMessagesThatHaveOneAndOnDeadLetters(bool isTopic)
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        var bounded = TimeSpan.FromMinutes(2);
        if (isTopic)
        {
            await administration.CreateTopicAsync(new CreateTopicOptions("bounded") { DefaultMessageTimeToLive = bounded }, Cancel);
            await administration.CreateSubscriptionAsync("bounded", "s", Cancel);
        }
        else
        {
            await administration.CreateQueueAsync(new CreateQueueOptions("bounded") { DefaultMessageTimeToLive = bounded }, Cancel);
        }

        var sender = Sender("bounded");
        await sender.SendMessageAsync(new ServiceBusMessage("none"), Cancel);
        await sender.SendMessageAsync(new ServiceBusMessage("more") { TimeToLive = TimeSpan.FromHours(1) }, Cancel);
        await sender.SendMessageAsync(new ServiceBusMessage("less") { TimeToLive = TimeSpan.FromMinutes(1) }, Cancel);

        var receiver = Receiver(SubQueue.None);
        var (none, more, less) = (await NextAsync(receiver), await NextAsync(receiver), await NextAsync(receiver));
        Assert.Equal((TimeSpan.MaxValue, DateTimeOffset.MaxValue), (none.TimeToLive, none.ExpiresAt));
        Assert.Equal(bounded, more.TimeToLive);
        Assert.Equal(TimeSpan.FromMinutes(1), less.TimeToLive);

        await receiver.DeadLetterMessageAsync(none, cancellationToken: Cancel);
        await receiver.DeadLetterMessageAsync(less, cancellationToken: Cancel);
        var dead = Receiver(SubQueue.DeadLetter);
        Assert.Equal(bounded, (await NextAsync(dead)).TimeToLive);
        Assert.Equal(TimeSpan.FromMinutes(1), (await NextAsync(dead)).TimeToLive);

        await sender.SendMessageAsync(new ServiceBusMessage("none"), Cancel);
        Clock.Advance(bounded + TimeSpan.FromSeconds(1));
        await EmptyAsync(receiver);
        // Before their entity goes: a client that drains a link whose end is on its way to it waits a minute for an answer.
        await receiver.CloseAsync(Cancel);
        await dead.CloseAsync(Cancel);
        if (isTopic) await administration.DeleteTopicAsync("bounded", Cancel);
        else await administration.DeleteQueueAsync("bounded", Cancel);

        ServiceBusReceiver Receiver(SubQueue part)
        {
            var options = new ServiceBusReceiverOptions { SubQueue = part };
            return Own(isTopic ? Client.CreateReceiver("bounded", "s", options) : Client.CreateReceiver("bounded", options));
        }
    }

    /// <summary>One string for messaging and administration, as frameworks take it.</summary>
    [Fact]
    public async Task AdminConnectionString_ForMessagingToo_ServesBoth()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is not null, "The cloud's string always serves both.");
        await new ServiceBusAdministrationClient(AdminConnectionString).CreateQueueAsync("both", Cancel);
        await using var client = new ServiceBusClient(AdminConnectionString);
        await client.CreateSender("both").SendMessageAsync(new ServiceBusMessage(new byte[200_000]), Cancel);
        var receiver = client.CreateReceiver("both");
        await receiver.CompleteMessageAsync(await NextAsync(receiver), Cancel);
        await EmptyAsync(receiver);
    }

    private static ServiceBusMessage With(params int[] sizes)
    {
        var message = new ServiceBusMessage("body");
        for (var index = 0; index < sizes.Length; index++)
        {
            message.ApplicationProperties[index.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new string(
                'p', sizes[index]);
        }

        return message;
    }
}
