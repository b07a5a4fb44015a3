namespace Azure.Messaging.ServiceBus.Tests.Messages;

public sealed class ServiceBusMessageTests
{
    private static readonly string TooLong = new('x', 129);

    [Fact]
    public void New_HasTheDocumentedDefaults()
    {
        var message = new ServiceBusMessage();

        Assert.Empty(message.Body.ToArray());
        Assert.Null(message.MessageId);
        Assert.Null(message.SessionId);
        Assert.Equal(TimeSpan.MaxValue, message.TimeToLive);
        Assert.Equal(default, message.ScheduledEnqueueTime);
        Assert.Empty(message.ApplicationProperties);
    }

    [Fact]
    public void New_OfString_IsUtf8() => Assert.Equal("größe"u8.ToArray(), new ServiceBusMessage("größe").Body.ToArray());

    [Fact]
    public void MessageId_NullEmptyOrLong_ThrowsArgumentException()
    {
        var message = new ServiceBusMessage { MessageId = new string('x', 128) };

        Assert.Throws<ArgumentException>(() => message.MessageId = null!);
        Assert.Throws<ArgumentException>(() => message.MessageId = "");
        Assert.Throws<ArgumentException>(() => message.MessageId = TooLong);
        Assert.Equal(128, message.MessageId.Length);
    }

    [Fact]
    public void Keys_OverTheLimit_ThrowArgumentExceptionAndTakeNull()
    {
        var message = new ServiceBusMessage { SessionId = null, PartitionKey = null, ReplyToSessionId = null, TransactionPartitionKey = null };

        Assert.Throws<ArgumentException>(() => message.SessionId = TooLong);
        Assert.Throws<ArgumentException>(() => message.PartitionKey = TooLong);
        Assert.Throws<ArgumentException>(() => message.ReplyToSessionId = TooLong);
        Assert.Throws<ArgumentException>(() => message.TransactionPartitionKey = TooLong);
    }

    [Fact]
    public void PartitionKey_DiffersFromSessionId_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceBusMessage { SessionId = "a" }.PartitionKey = "b");

    [Fact]
    public void SessionId_DiffersFromPartitionKey_ReplacesIt() =>
        Assert.Equal("b", new ServiceBusMessage { PartitionKey = "a", SessionId = "b" }.PartitionKey);

    [Fact]
    public void TimeToLive_NotPositive_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceBusMessage { TimeToLive = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceBusMessage { TimeToLive = TimeSpan.FromTicks(-1) });
    }

    [Fact]
    public void New_OfReceived_CopiesWhatTheSenderSetAndNothingElse()
    {
        var received = ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromString("body"), "id", "s", "via", "s", "rs", TimeSpan.FromMinutes(5), "c", "subject", "to", "text/plain", "reply",
            DateTimeOffset.UnixEpoch, new Dictionary<string, object> { ["own"] = 1, ["DeadLetterReason"] = "r", ["DeadLetterErrorDescription"] = "d" },
            Guid.NewGuid(), 3, DateTimeOffset.UnixEpoch, 7, "source", 7, DateTimeOffset.UnixEpoch);

        var message = new ServiceBusMessage(received);

        Assert.Equal("body", message.Body.ToString());
        Assert.Equal(("id", "s", "via", "s", "rs"), (message.MessageId, message.PartitionKey, message.TransactionPartitionKey, message.SessionId, message.ReplyToSessionId));
        Assert.Equal(("c", "subject", "to", "text/plain", "reply"), (message.CorrelationId, message.Subject, message.To, message.ContentType, message.ReplyTo));
        Assert.Equal(TimeSpan.FromMinutes(5), message.TimeToLive);
        Assert.Equal(1, Assert.Single(message.ApplicationProperties).Value);
    }

    [Fact]
    public void ToString_ShowsNoBody() => Assert.Equal("{MessageId:id}", new ServiceBusMessage("secret") { MessageId = "id" }.ToString());

    [Fact]
    public void Received_DeadLetterProperties_ComeFromApplicationProperties()
    {
        var received = ServiceBusModelFactory.ServiceBusReceivedMessage(
            properties: new Dictionary<string, object> { ["DeadLetterReason"] = "r", ["DeadLetterErrorDescription"] = "d" });

        Assert.Equal("r", received.DeadLetterReason);
        Assert.Equal("d", received.DeadLetterErrorDescription);
        Assert.Null(ServiceBusModelFactory.ServiceBusReceivedMessage().DeadLetterReason);
    }

    [Fact]
    public void Received_ApplicationProperties_CannotBeChanged()
    {
        var properties = new Dictionary<string, object> { ["a"] = 1 };
        var received = ServiceBusModelFactory.ServiceBusReceivedMessage(properties: properties);
        properties["b"] = 2;

        Assert.Single(received.ApplicationProperties);
        Assert.Throws<NotSupportedException>(() => ((IDictionary<string, object>)received.ApplicationProperties).Add("c", 3));
    }

    [Fact]
    public void Received_ExpiresAt_IsEnqueuedTimePlusTimeToLiveWithoutOverflow()
    {
        var enqueued = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(enqueued.AddMinutes(1), ServiceBusModelFactory.ServiceBusReceivedMessage(timeToLive: TimeSpan.FromMinutes(1), enqueuedTime: enqueued).ExpiresAt);
        Assert.Equal(DateTimeOffset.MaxValue, ServiceBusModelFactory.ServiceBusReceivedMessage(timeToLive: TimeSpan.MaxValue, enqueuedTime: enqueued).ExpiresAt);
    }
}
