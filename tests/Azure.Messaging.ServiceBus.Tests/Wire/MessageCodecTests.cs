using System.Runtime.Serialization;
using Azure.Messaging.ServiceBus.Wire;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Tests.Wire;

public sealed class MessageCodecTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A message as Microsoft.Azure.Amqp wrote it: message id and a body of "m0".
    private const string FromDotNet =
        "005373c02f0da1203864326131643232383137623439653338343130306333663035623961613737404040404040404040404040005375a0026d30";

    // A delivery to .NET: delivery-count 0, sequence number 1, times, state, id, body "m0".
    private const string Delivered =
        "005370c006054040404043005372c18d0aa315782d6f70742d73657175656e63652d6e756d6265725501a313782d6f70742d656e7175657565642d74696d6583000001a2025ec167a3"
        + "13782d6f70742d6d6573736167652d73746174655400a31d782d6f70742d656e71756575652d73657175656e63652d6e756d6265725501a312782d6f70742d6c6f636b65642d756e74"
        + "696c83000001a2025f36af005373c02f0da1203864326131643232383137623439653338343130306333663035623961613737404040404040404040404040005375a0026d30";

    [Fact]
    public void Decode_CapturedDelivery_ReadsEveryField()
    {
        var token = new Guid("ce0a6e5c-4307-4de6-b53e-97d8f360e69f");

        var message = MessageCodec.Decode(Convert.FromHexString(Delivered), token, peeked: false);

        Assert.Equal("8d2a1d22817b49e384100c3f05b9aa77", message.MessageId);
        Assert.Equal("m0", message.Body.ToString());
        Assert.Equal("ce0a6e5c-4307-4de6-b53e-97d8f360e69f", message.LockToken);
        Assert.Equal(1, message.SequenceNumber);
        Assert.Equal(1, message.EnqueuedSequenceNumber);
        Assert.Equal(1, message.DeliveryCount);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(0x1a2025ec167), message.EnqueuedTime);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(0x1a2025f36af), message.LockedUntil);
        Assert.Equal(ServiceBusMessageState.Active, message.State);
        Assert.Equal(TimeSpan.MaxValue, message.TimeToLive);
    }

    [Fact]
    public void Decode_Peeked_DoesNotCountADelivery() =>
        Assert.Equal(0, MessageCodec.Decode(Convert.FromHexString(Delivered), Guid.Empty, peeked: true).DeliveryCount);

    [Fact]
    public void Decode_EveryPrefix_ThrowsOrReadsButNeverElse()
    {
        var whole = Convert.FromHexString(Delivered);
        for (var length = 0; length < whole.Length; length++)
        {
            // Cut between sections it is a shorter message; anywhere else it is none.
            var exception = Record.Exception(() => MessageCodec.Decode(whole.AsMemory(0, length), Guid.Empty, peeked: false));
            Assert.True(exception is null or SerializationException, $"{length}: {exception}");
        }
    }

    [Fact]
    public void Encode_IdAndBodyOnly_WritesNoHeaderAndNoAnnotations()
    {
        var encoded = MessageCodec.Encode(new ServiceBusMessage("m0") { MessageId = "8d2a1d22817b49e384100c3f05b9aa77" }, Now);

        Assert.True(AmqpMessage.TryDecode(encoded, out var amqp));
        Assert.True(AmqpMessage.TryDecode(Convert.FromHexString(FromDotNet), out var captured));
        Assert.Null(amqp.Header);
        Assert.Null(amqp.MessageAnnotations);
        Assert.Null(amqp.ApplicationProperties);
        Assert.Equal(captured.Properties, amqp.Properties);
        Assert.Equal(captured.Data.Single().ToArray(), amqp.Data.Single().ToArray());
    }

    [Fact]
    public void Encode_EveryField_ReadsBackTheSame()
    {
        var sent = new ServiceBusMessage(BinaryData.FromBytes(new byte[] { 1, 2, 3 }))
        {
            MessageId = "id",
            SessionId = "s",
            PartitionKey = "s",
            TransactionPartitionKey = "via",
            ReplyToSessionId = "rs",
            CorrelationId = "c",
            Subject = "subject",
            To = "to",
            ContentType = "application/jose+json",
            ReplyTo = "reply",
            TimeToLive = TimeSpan.FromMinutes(5),
            ScheduledEnqueueTime = Now.AddHours(1),
        };

        var message = MessageCodec.Decode(MessageCodec.Encode(sent, Now), Guid.Empty, peeked: true);

        Assert.Equal([1, 2, 3], message.Body.ToArray());
        Assert.Equal(("id", "s", "s", "via", "rs"), (message.MessageId, message.SessionId, message.PartitionKey, message.TransactionPartitionKey, message.ReplyToSessionId));
        Assert.Equal(("c", "subject", "to", "application/jose+json", "reply"), (message.CorrelationId, message.Subject, message.To, message.ContentType, message.ReplyTo));
        Assert.Equal(TimeSpan.FromMinutes(5), message.TimeToLive);
        Assert.Equal(Now.AddHours(1), message.ScheduledEnqueueTime);
    }

    [Fact]
    public void Encode_TimeToLive_IsInHeaderAndInTheTwoTimes()
    {
        Assert.True(AmqpMessage.TryDecode(MessageCodec.Encode(new ServiceBusMessage { TimeToLive = TimeSpan.FromSeconds(90) }, Now), out var amqp));

        Assert.Equal(90_000u, amqp.Header!.TimeToLiveMs);
        Assert.Equal(Now.UtcDateTime, amqp.Properties!.CreationTime);
        Assert.Equal(Now.UtcDateTime.AddSeconds(90), amqp.Properties.AbsoluteExpiryTime);
    }

    [Fact]
    public void Encode_TimeToLiveOverFortyNineDays_SurvivesThroughTheTimes() => Assert.Equal(
        TimeSpan.FromDays(400), MessageCodec.Decode(MessageCodec.Encode(new ServiceBusMessage { TimeToLive = TimeSpan.FromDays(400) }, Now), Guid.Empty, true).TimeToLive);

    public static IEnumerable<TheoryDataRow<object?>> PropertyValues => Array.ConvertAll<object?, TheoryDataRow<object?>>(
    [
        (byte)200, (sbyte)-5, (short)-300, (ushort)60000, -70000, 70000u, long.MinValue, ulong.MaxValue, 1.5f, -2.25, 12.345m, true, 'ß',
        new Guid("15561d29-2033-4085-bdc0-413bea800c1e"), "text", new Uri("https://relay.example/a?b=c"),
        new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), TimeSpan.FromTicks(123456789), null,
    ], value => new(value));

    [Theory]
    [MemberData(nameof(PropertyValues), DisableDiscoveryEnumeration = true)]
    public void Encode_PropertyValueOfEachType_ReadsBackTheSame(object? value)
    {
        var sent = new ServiceBusMessage { ApplicationProperties = { ["p"] = value! } };

        var read = MessageCodec.Decode(MessageCodec.Encode(sent, Now), Guid.Empty, peeked: true).ApplicationProperties["p"];

        Assert.Equal(value, read);
        Assert.Equal(value?.GetType(), read?.GetType());
    }

    [Fact]
    public void Encode_BytesAndStream_ReadBackAsBytes()
    {
        using var stream = new MemoryStream([4, 5]);
        var sent = new ServiceBusMessage { ApplicationProperties = { ["bytes"] = new byte[] { 1, 2, 3 }, ["stream"] = stream } };

        var read = MessageCodec.Decode(MessageCodec.Encode(sent, Now), Guid.Empty, peeked: true).ApplicationProperties;

        Assert.Equal(new byte[] { 1, 2, 3 }, read["bytes"]);
        Assert.Equal(new byte[] { 4, 5 }, read["stream"]);
    }

    [Fact]
    public void Encode_PropertyOfAnotherType_ThrowsSerializationException()
    {
        var exception = Assert.Throws<SerializationException>(
            () => MessageCodec.Encode(new ServiceBusMessage { ApplicationProperties = { ["p"] = new Version(1, 2) } }, Now));

        Assert.Contains("System.Version", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_DescribedTimesOutOfRange_AreHandedOnAsRead()
    {
        var described = new AmqpDescribed(new AmqpSymbol("com.microsoft:datetime-offset"), long.MaxValue);
        var encoded = new AmqpMessage { ApplicationProperties = new AmqpMap { { "p", described } } }.Encode();

        Assert.IsType<AmqpDescribed>(MessageCodec.Decode(encoded, Guid.Empty, peeked: true).ApplicationProperties["p"]);
    }

    [Fact]
    public void Decode_SeveralDataSections_AreJoined()
    {
        var encoded = new AmqpMessage { BodyKind = BodyKind.Data, Data = [new byte[] { 1 }, new byte[] { 2, 3 }] }.Encode();

        Assert.Equal([1, 2, 3], MessageCodec.Decode(encoded, Guid.Empty, peeked: true).Body.ToArray());
    }

    [Fact]
    public void Decode_ValueBody_ThrowsOnlyWhenTheBodyIsRead()
    {
        var message = MessageCodec.Decode(new AmqpMessage { BodyKind = BodyKind.Value, Value = "text" }.Encode(), Guid.Empty, peeked: true);

        Assert.Throws<NotSupportedException>(() => message.Body);
    }

    [Fact]
    public void Decode_IdsOfOtherTypes_BecomeText()
    {
        var encoded = new AmqpMessage { Properties = new MessageProperties { MessageId = 7ul, CorrelationId = Guid.Empty } }.Encode();

        var message = MessageCodec.Decode(encoded, Guid.Empty, peeked: true);

        Assert.Equal("7", message.MessageId);
        Assert.Equal("00000000-0000-0000-0000-000000000000", message.CorrelationId);
    }

    [Theory]
    [InlineData(0, ServiceBusMessageState.Active)]
    [InlineData(1, ServiceBusMessageState.Deferred)]
    [InlineData(2, ServiceBusMessageState.Scheduled)]
    [InlineData(77, ServiceBusMessageState.Active)]
    public void Decode_State_IsReadFromItsAnnotation(int state, ServiceBusMessageState expected)
    {
        var encoded = new AmqpMessage { MessageAnnotations = new AmqpMap { { new AmqpSymbol("x-opt-message-state"), state } } }.Encode();

        Assert.Equal(expected, MessageCodec.Decode(encoded, Guid.Empty, peeked: true).State);
    }
}
