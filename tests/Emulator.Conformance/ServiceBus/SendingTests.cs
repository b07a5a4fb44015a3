using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class SendingTests : ServiceBusConformance
{
    /// <summary>Message properties, broker properties: "Messages, payloads, and serialization".</summary>
    [Fact]
    public async Task SendMessage_EveryProperty_ArrivesUnchanged()
    {
        var sent = new ServiceBusMessage("body")
        {
            MessageId = "id",
            SessionId = "session",
            ReplyToSessionId = "reply session",
            CorrelationId = "correlation",
            Subject = "subject",
            To = "to",
            ContentType = "application/jose+json",
            ReplyTo = "reply to",
            TimeToLive = TimeSpan.FromMinutes(10),
        };

        await Sender().SendMessageAsync(sent, Cancel);
        var received = await NextAsync(Receiver());

        Assert.Equal("body", received.Body.ToString());
        Assert.Equal(("id", "session", "reply session"), (received.MessageId, received.SessionId, received.ReplyToSessionId));
        Assert.Equal(("correlation", "subject", "to"), (received.CorrelationId, received.Subject, received.To));
        Assert.Equal(("application/jose+json", "reply to"), (received.ContentType, received.ReplyTo));
        Assert.Equal(TimeSpan.FromMinutes(10), received.TimeToLive);
    }

    /// <summary>Application properties keep their type: "Messages, payloads, and serialization", user properties.</summary>
    [Fact]
    public async Task SendMessage_ApplicationPropertyOfEachType_KeepsTypeAndValue()
    {
        var sent = new ServiceBusMessage
        {
            ApplicationProperties =
            {
                ["byte"] = (byte)200,
                ["sbyte"] = (sbyte)-5,
                ["short"] = (short)-300,
                ["ushort"] = (ushort)60000,
                ["int"] = -70000,
                ["uint"] = 70000u,
                ["long"] = long.MinValue,
                ["ulong"] = ulong.MaxValue,
                ["float"] = 1.5f,
                ["double"] = -2.25,
                ["decimal"] = 12.345m,
                ["bool"] = true,
                ["char"] = 'ß',
                ["guid"] = new Guid("15561d29-2033-4085-bdc0-413bea800c1e"),
                ["string"] = "text",
                ["uri"] = new Uri("https://relay.example/a?b=c"),
                ["time"] = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
                ["offset"] = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                ["span"] = TimeSpan.FromTicks(123456789),
            },
        };

        await Sender().SendMessageAsync(sent, Cancel);
        var received = await NextAsync(Receiver());

        Assert.Equal(sent.ApplicationProperties.Count, received.ApplicationProperties.Count);
        foreach (var (name, value) in sent.ApplicationProperties)
        {
            Assert.Equal(value, received.ApplicationProperties[name]);
            Assert.Equal(value.GetType(), received.ApplicationProperties[name].GetType());
        }
    }

    /// <summary>The service stamps a message id when the sender set none.</summary>
    [Fact]
    public async Task SendMessage_WithoutId_IsStampedWithOne()
    {
        await Sender().SendMessageAsync(new ServiceBusMessage(), Cancel);

        var received = await NextAsync(Receiver());

        Assert.False(string.IsNullOrEmpty(received.MessageId));
        Assert.Empty(received.Body.ToArray());
    }

    /// <summary>Messages are numbered in the order they were taken, and stamped with the time.</summary>
    [Fact]
    public async Task SendMessage_SeveralInARow_AreNumberedInOrder()
    {
        await SendAsync("a", "b", "c");

        var receiver = Receiver();
        ServiceBusReceivedMessage[] received = [await NextAsync(receiver), await NextAsync(receiver), await NextAsync(receiver)];

        Assert.Equal(["a", "b", "c"], received.Select(message => message.MessageId));
        Assert.True(received[0].SequenceNumber < received[1].SequenceNumber && received[1].SequenceNumber < received[2].SequenceNumber);
        Assert.All(received, message => Assert.NotEqual(default, message.EnqueuedTime));
    }

    /// <summary>A list is one batch: it arrives whole and in order.</summary>
    [Fact]
    public async Task SendMessages_List_ArrivesWholeAndInOrder()
    {
        var ids = Enumerable.Range(0, 100).Select(number => $"m{number:000}").ToList();

        await Sender().SendMessagesAsync(ids.Select(id => new ServiceBusMessage(id) { MessageId = id }), Cancel);

        Assert.Equal(ids, await IdsAsync(ids.Count));
    }

    /// <summary>A batch takes messages while they fit, and arrives whole and in order.</summary>
    [Fact]
    public async Task SendMessages_BatchFilledToTheBrim_ArrivesWholeAndInOrder()
    {
        var sender = Sender();
        using var batch = await sender.CreateMessageBatchAsync(Cancel);
        var body = new byte[10_000];
        var ids = new List<string>();
        while (batch.TryAddMessage(new ServiceBusMessage(body) { MessageId = $"m{ids.Count:000}" }))
        {
            ids.Add($"m{ids.Count:000}");
        }

        await sender.SendMessagesAsync(batch, Cancel);

        Assert.InRange(batch.SizeInBytes, batch.MaxSizeInBytes - 11_000, batch.MaxSizeInBytes);
        Assert.Equal(ids.Count, batch.Count);
        Assert.Equal(ids, await IdsAsync(ids.Count));
    }

    /// <summary>An empty list or batch is no operation.</summary>
    [Fact]
    public async Task SendMessages_None_SendsNothing()
    {
        var sender = Sender();
        using var batch = await sender.CreateMessageBatchAsync(Cancel);

        await sender.SendMessagesAsync(batch, Cancel);
        await sender.SendMessagesAsync(Array.Empty<ServiceBusMessage>(), Cancel);

        await EmptyAsync(Receiver());
    }

    /// <summary>A message over the frame size (64 KiB) travels in several frames, both ways.</summary>
    [Fact]
    public async Task SendMessage_SeveralFramesLong_ArrivesIntact()
    {
        var body = new byte[250_000];
        new Random(20261122).NextBytes(body);

        await Sender().SendMessageAsync(new ServiceBusMessage(body), Cancel);

        Assert.Equal(body, (await NextAsync(Receiver())).Body.ToArray());
    }

    /// <summary>Quota: a message over the tier's size is refused with MessageSizeExceeded, and the sender lives on.</summary>
    [Fact]
    public async Task SendMessage_TooLarge_IsRefusedAndTheSenderLivesOn()
    {
        var sender = Sender();

        await FailsAsync(
            ServiceBusFailureReason.MessageSizeExceeded,
            () => sender.SendMessageAsync(new ServiceBusMessage(new byte[MaxMessageBytes + 1]), Cancel));
        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "after" }, Cancel);

        Assert.Equal("after", (await NextAsync(Receiver())).MessageId);
    }

    /// <summary>A batch never takes a message that does not fit.</summary>
    [Fact]
    public async Task TryAddMessage_TooLargeForAnyBatch_IsFalse()
    {
        using var batch = await Sender().CreateMessageBatchAsync(Cancel);

        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[batch.MaxSizeInBytes])));
        Assert.Equal(0, batch.Count);
    }

    /// <summary>A list over the size together is refused whole.</summary>
    [Fact]
    public async Task SendMessages_TooLargeTogether_SendsNone()
    {
        var messages = Enumerable.Range(0, 4).Select(_ => new ServiceBusMessage(new byte[MaxMessageBytes / 3]));

        await FailsAsync(ServiceBusFailureReason.MessageSizeExceeded, () => Sender().SendMessagesAsync(messages, Cancel));

        await EmptyAsync(Receiver());
    }

    /// <summary>An entity that is not there is MessagingEntityNotFound, which is not transient: it is reported without retries.</summary>
    [Fact]
    public async Task SendMessage_UnknownEntity_IsNotFound() =>
        await FailsAsync(
            ServiceBusFailureReason.MessagingEntityNotFound,
            () => Sender("no-such-entity").SendMessageAsync(new ServiceBusMessage(), Cancel));

    /// <summary>Senders are thread-safe and sends overlap.</summary>
    [Fact]
    public async Task SendMessage_ManyAtOnce_EachArrivesOnce()
    {
        var sender = Sender();
        var ids = Enumerable.Range(0, 500).Select(number => $"m{number:000}").ToList();

        await Task.WhenAll(ids.Select(id => sender.SendMessageAsync(new ServiceBusMessage { MessageId = id }, Cancel)));

        Assert.Equal(ids, (await IdsAsync(ids.Count)).Order(StringComparer.Ordinal));
        await EmptyAsync(Receiver());
    }

    /// <summary>A received message can be sent on as a copy.</summary>
    [Fact]
    public async Task SendMessage_CopyOfReceived_ArrivesAsANewMessage()
    {
        await SendAsync("a");
        var receiver = Receiver();
        var original = await NextAsync(receiver);
        await receiver.CompleteMessageAsync(original, Cancel);

        await Sender().SendMessageAsync(new ServiceBusMessage(original), Cancel);
        var copy = await NextAsync(receiver);

        Assert.Equal(("a", "body of a"), (copy.MessageId, copy.Body.ToString()));
        Assert.True(copy.SequenceNumber > original.SequenceNumber);
        Assert.Equal(1, copy.DeliveryCount);
    }

    private async Task<List<string>> IdsAsync(int count)
    {
        var receiver = Receiver(mode: ServiceBusReceiveMode.ReceiveAndDelete);
        var ids = new List<string>();
        while (ids.Count < count)
        {
            var messages = await receiver.ReceiveMessagesAsync(count - ids.Count, Soon, Cancel);
            Assert.NotEmpty(messages);
            ids.AddRange(messages.Select(message => message.MessageId));
        }

        return ids;
    }
}
