using Azure.Messaging.ServiceBus;
using Relay.Core.Ledger.Store;
using Relay.DeadLetters;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Cli.Tests.DeadLetters;

/// <summary>Dead letters of a delegation's subscription: named, sent to its topic with the receipt, and never swallowed there.</summary>
public sealed class SubscriptionDeadLetterTests
{
    private const string Receipt = "\u2014 a receipt";

    private static readonly EnvelopeId Id = new("doha", "us", Lane.Urgent, 7);

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryLedgerStore _store = new();
    private readonly MemoryDeadLetters _bus = new();

    private static DeadLetterSource Inbox =>
        DeadLetterSource.TryOfTopic("delegation-iran", null, out var source) ? source : throw new InvalidOperationException();

    [Theory]
    [InlineData("normal", "envelopes")]
    [InlineData("urgent", "envelopes-urgent")]
    [InlineData("delegation-iran/inbox", "delegation-iran")]
    [InlineData("delegation-iran/second", "delegation-iran")]
    public void Source_AsWritten_IsReadAgainInKeyAndMark(string text, string entity)
    {
        Assert.True(DeadLetterSource.TryParse(text, out var source));
        Assert.Equal((text, entity), (source.ToString(), source.Entity));
        var key = new DeadLetterKey(source, 12, 1_000);
        Assert.True(DeadLetterKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
        var mark = new RedriveMarker("0123456789abcdef", key);
        Assert.Equal(mark, RedriveMarker.Read(mark.ToString()));
    }

    [Theory]
    [InlineData("signals/all")]
    [InlineData("envelopes")]
    [InlineData("delegation-iran")]
    [InlineData("delegation-/inbox")]
    [InlineData("delegation-iran/")]
    [InlineData("delegation-iran/inbox/x")]
    [InlineData("delegation-iran/$DeadLetterQueue")]
    [InlineData("Delegation-iran/inbox")]
    [InlineData("")]
    public void Source_OfAnyOtherEntity_IsNone(string text) => Assert.False(DeadLetterSource.TryParse(text, out _));

    [Fact]
    public void Label_OfAMessage_IsWhatTheRelayWroteAndNothingElse()
    {
        var label = ForwardedLabel.Of("doha", new Dictionary<string, object>
        {
            [ForwardedProperties.Id] = Id.ToString(),
            [ForwardedProperties.Lane] = "urgent",
            [ForwardedProperties.Index] = 41L,
            [ForwardedProperties.Receipt] = Receipt,
            ["DeadLetterReason"] = "key-unavailable",
            ["note"] = "written by the recipient",
            [RedriveMarker.Property] = "earlier",
            ["traceparent"] = "no trace",
        });
        Assert.Equal(
            [ForwardedProperties.Id, ForwardedProperties.Index, ForwardedProperties.Lane, ForwardedProperties.Receipt],
            label.Properties.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(label.Size, Receipt.Length, 200);
    }

    [Fact]
    public async Task Redrive_OfASubscription_SendsTheReceiptAgainUnderAnIdOfItsOwn()
    {
        var label = ForwardedLabel.Of("doha", new Dictionary<string, object> { [ForwardedProperties.Receipt] = Receipt });
        _bus.Add(Id, "key-lost", "sealed"u8.ToArray(), _time.GetUtcNow().AddHours(1), subscription: Inbox, label: label);
        _bus.Add(Id, "key-lost", "on a queue"u8.ToArray());
        var letter = _bus.Letters.Single(message => message.Letter.Key.Source == Inbox).Letter;
        var filter = new DeadLetterFilter { Subscription = Inbox };
        Assert.True(filter.TakesAll);
        Assert.Equal("topic=delegation-iran subscription=inbox", filter.ToString());

        var run = new OperatorRun(
            await OperatorLog.ReadAsync(_store, CancellationToken.None), "test", "bus", _time, (_, _, _) => Task.CompletedTask);
        var plan = RedrivePlan.Of([letter], run.Before, _time.GetUtcNow());
        var progress = new SynchronousProgress<RedriveProgress>(_ => { });
        var result = await new Redrive(_bus, run, 0, _time, progress).RunAsync(plan, filter, CancellationToken.None);
        Assert.Equal((1, 0), (result.Done, result.Left));
        // That of the queue stays.
        Assert.Equal(DeadLetterSource.OfQueue(Lane.Urgent), Assert.Single(_bus.Letters).Letter.Key.Source);

        var copy = Assert.Single(_bus.Sent);
        var message = ServiceBusDeadLetters.CreateMessage(copy, _time.GetUtcNow());
        Assert.Equal((Receipt, "doha"), (message.ApplicationProperties[ForwardedProperties.Receipt], message.SessionId));
        Assert.Equal(TimeSpan.FromHours(1), message.TimeToLive);
        Assert.Equal($"{run.Name}/{letter.Key}", message.ApplicationProperties[RedriveMarker.Property]);
        // The topic knows the id by which the relay sent it, and would take no second one.
        Assert.NotEqual(letter.Body.ToString(), message.MessageId);
        var again = ServiceBusDeadLetters.CreateMessage(copy with { Marker = copy.Marker with { Run = "another" } }, _time.GetUtcNow());
        Assert.Equal(message.MessageId, again.MessageId);
        var later = ServiceBusDeadLetters.CreateMessage(
            copy with { Marker = copy.Marker with { Origin = letter.Key with { Number = 99 } } }, _time.GetUtcNow());
        Assert.NotEqual(message.MessageId, later.MessageId);
    }

    [Fact]
    public void Message_ToAQueue_HasNothingButBodyAndMark()
    {
        var marker = new RedriveMarker("run", new DeadLetterKey(DeadLetterSource.OfQueue(Lane.Normal), 1, 2));
        var message = ServiceBusDeadLetters.CreateMessage(new RedriveCopy("x"u8.ToArray(), marker, null, null), _time.GetUtcNow());
        Assert.Equal(RedriveMarker.Property, Assert.Single(message.ApplicationProperties).Key);
        Assert.Equal((null, null), (message.MessageId, message.SessionId));
    }

    [Theory]
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound, "delegation-iran/inbox", true)]
    [InlineData(ServiceBusFailureReason.MessagingEntityNotFound, "normal", false)]
    [InlineData(ServiceBusFailureReason.ServiceTimeout, "delegation-iran/inbox", false)]
    public void Failure_OfASubscriptionThatIsNotThere_IsToldFromTrouble(ServiceBusFailureReason reason, string path, bool isNone) =>
        Assert.Equal(isNone, DeadLetterOffice.IsOfNoSubscription(new ServiceBusException("x", reason, path)));
}
