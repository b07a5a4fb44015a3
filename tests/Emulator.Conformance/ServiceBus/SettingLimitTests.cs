using System.Globalization;
using System.Reflection;
using System.Xml;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// Rows of LIMITS.md at both edges by the official clients: what they let through the service refuses, the rest they refuse themselves.
/// </summary>
public sealed class SettingLimitTests : ServiceBusConformance
{
    protected override bool NeedsAdminPort => true;

    /// <summary>Member of a queue's description, the value at the edge, one beyond, whether the client looks first.</summary>
    [Theory]
    [InlineData("LockDuration", "PT5S", "PT4.999S", false)]
    [InlineData("LockDuration", "PT5M", "PT5M0.001S", false)]
    [InlineData("MaxDeliveryCount", "1", "0", true)]
    [InlineData("MaxDeliveryCount", "2000", "2001", false)]
    [InlineData("DefaultMessageTimeToLive", "PT1S", "PT0.999S", true)]
    [InlineData("DuplicateDetectionHistoryTimeWindow", "PT20S", "PT19S", true)]
    [InlineData("DuplicateDetectionHistoryTimeWindow", "P7D", "P7DT1S", true)]
    [InlineData("MaxSizeInMegabytes", "1024", "0", false)]
    [InlineData("MaxSizeInMegabytes", "81920", "81921", false)]
    [InlineData("AutoDeleteOnIdle", "PT5M", "PT4M59S", true)]
    [InlineData("MaxMessageSizeInKilobytes", "256", "257", false)]
    public async Task Setting_AtBothEdges_IsTakenAndOneBeyondIsRefused(string member, string taken, string refused, bool clientLooks)
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        // Without duplicates to look for, the client does not send their window.
        var options = new CreateQueueOptions("setting") { RequiresDuplicateDetection = true };
        var value = Set(options, member, taken);
        QueueProperties made = await administration.CreateQueueAsync(options, Cancel);
        Assert.Equal(value, made.GetType().GetProperty(member)!.GetValue(made));
        await administration.DeleteQueueAsync("setting", Cancel);

        if (clientLooks)
        {
            var refusal = Assert.Throws<TargetInvocationException>(() => Set(new CreateQueueOptions("setting"), member, refused));
            Assert.IsAssignableFrom<ArgumentException>(refusal.InnerException);
            return;
        }

        Set(options, member, refused);
        await RefusedAsync(() => administration.CreateQueueAsync(options, Cancel));
    }

    [Fact]
    public async Task UserMetadata_AtBothEdges_IsTakenAndOneBeyondIsRefusedByTheClient()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        var options = new CreateQueueOptions("metadata") { UserMetadata = new string('m', 1024) };
        Assert.Equal(options.UserMetadata, (await administration.CreateQueueAsync(options, Cancel)).Value.UserMetadata);
        await administration.DeleteQueueAsync("metadata", Cancel);
        Assert.ThrowsAny<ArgumentException>(() => options.UserMetadata = new string('m', 1025));
    }

    [Fact]
    public async Task Names_AtBothEdges_AreTakenAndOneBeyondIsRefused()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        var (topic, subscription) = (new string('t', 260), new string('s', 50));
        await administration.CreateTopicAsync(topic, Cancel);
        await administration.CreateSubscriptionAsync(topic, subscription, Cancel);
        await administration.CreateRuleAsync(topic, subscription, new CreateRuleOptions(subscription, new TrueRuleFilter()), Cancel);
        await RefusedAsync(() => administration.CreateRuleAsync(
            topic, subscription, new CreateRuleOptions(subscription + "r", new TrueRuleFilter()), Cancel));
        await administration.DeleteTopicAsync(topic, Cancel);

        Assert.ThrowsAny<ArgumentException>(() => new CreateTopicOptions(topic + "t"));
        Assert.ThrowsAny<ArgumentException>(() => new CreateSubscriptionOptions(Topic, subscription + "s"));
    }

    /// <summary>All but the length, which the client looks at first, are judged by the service, over both of its doors.</summary>
    [Fact]
    public async Task SqlExpressions_AtBothEdges_AreTakenAndOneBeyondIsRefused()
    {
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        await using var manager = Client.CreateRuleManager(Topic, OtherSubscription);
        foreach (var taken in new[] { Rule(Sql(1024), 1), Rule(Nested(32), 1), Rule(Sql(10), 32) })
        {
            await administration.CreateRuleAsync(Topic, OtherSubscription, taken, Cancel);
            await administration.DeleteRuleAsync(Topic, OtherSubscription, taken.Name, Cancel);
            await manager.CreateRuleAsync(taken, Cancel);
            await manager.DeleteRuleAsync(taken.Name, Cancel);
        }

        Assert.ThrowsAny<ArgumentException>(() => Rule(Sql(1025), 1));
        foreach (var refused in new[] { Rule(Nested(33), 1), Rule(Sql(10), 33) })
        {
            await RefusedAsync(() => administration.CreateRuleAsync(Topic, OtherSubscription, refused, Cancel));
            await RefusedAsync(() => manager.CreateRuleAsync(refused, Cancel));
        }

        static string Sql(int length) => $"a = '{new string('x', length - "a = ''".Length)}'";
        static string Nested(int levels) => $"{new string('(', levels)}1=1{new string(')', levels)}";
        static CreateRuleOptions Rule(string filter, int statements) => new("rule", new SqlRuleFilter(filter))
        {
            Action = new SqlRuleAction(string.Concat(Enumerable.Repeat("SET a=1;", statements))),
        };
    }

    [Fact]
    public async Task Ids_AtBothEdges_AreTakenAndOneBeyondIsRefusedByTheClient()
    {
        var (most, more) = (new string('i', 128), new string('i', 129));
        await Sender().SendMessageAsync(
            new ServiceBusMessage { MessageId = most, SessionId = most, ReplyToSessionId = most, PartitionKey = most }, Cancel);
        var message = await NextAsync(Receiver());
        Assert.Equal((most, most, most, most), (message.MessageId, message.SessionId, message.ReplyToSessionId, message.PartitionKey));

        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { MessageId = more });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { SessionId = more });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { ReplyToSessionId = more });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { PartitionKey = more });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { SessionId = "s", PartitionKey = "other" });
    }

    [Fact]
    public async Task AcceptSession_OfALongId_IsRefusedBeyondTheLimit()
    {
        await using (await Client.AcceptSessionAsync(SessionQueue, new string('s', 128), cancellationToken: Cancel))
        {
        }

        await RefusedAsync(() => Client.AcceptSessionAsync(SessionQueue, new string('s', 129), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Forwarding_FourHops_ArriveAndTheFifthIsADeadLetter()
    {
        const int Last = 5;
        var administration = new ServiceBusAdministrationClient(AdminConnectionString);
        for (var hop = Last; hop >= 0; hop--)
        {
            var next = hop < Last ? $"hop{hop + 1}" : null;
            await administration.CreateQueueAsync(new CreateQueueOptions($"hop{hop}") { ForwardTo = next }, Cancel);
        }

        await Sender("hop1").SendMessageAsync(new ServiceBusMessage("four"), Cancel);
        await Sender("hop0").SendMessageAsync(new ServiceBusMessage("five"), Cancel);
        Assert.Equal("four", (await NextAsync(Receiver("hop5"))).Body.ToString());
        var letter = await NextAsync(DeadLetters("hop4"));
        Assert.Equal(("five", "MaxTransferHopCountExceeded"), (letter.Body.ToString(), letter.DeadLetterReason));
        for (var hop = 0; hop <= Last; hop++) await administration.DeleteQueueAsync($"hop{hop}", Cancel);
    }

    /// <summary>Both doors of the service: 400 over HTTP, argument-error over AMQP.</summary>
    private static Task<ArgumentException> RefusedAsync(Func<Task> operation) => Assert.ThrowsAnyAsync<ArgumentException>(operation);

    private static object Set(CreateQueueOptions options, string member, string text)
    {
        var property = typeof(CreateQueueOptions).GetProperty(member)!;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var value = type == typeof(TimeSpan) ? XmlConvert.ToTimeSpan(text) : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        property.SetValue(options, value);
        return value;
    }
}
