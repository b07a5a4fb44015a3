using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Messages;

public sealed class MessageTests
{
    // The payload of a JavaScript client's transfer: header with ttl, annotations, properties, application-properties, data.
    private const string JavaScript =
        "005370d00000000b000000034040700000ea60005372d10000001d00000002a313782d6f70742d706172746974696f6e2d6b6579a102706b005373d0000000310000000aa1026d314040a1017340a1026331a30a746578742f706c61696e4083000001a202575af483000001a202567094005374d10000002b0000000aa101615201a10162a10178a1016341a10164823ff8000000000000a10165830000000000000000005375a0072268656c6c6f22";

    private const string Batch =
        "005373c00401a10161005375a00f005373c00401a10161005375a00131005375a00f005373c00401a10162005375a00132";

    [Fact]
    public void TryDecode_JavaScriptMessage_HasEveryPart()
    {
        Assert.True(AmqpMessage.TryDecode(Convert.FromHexString(JavaScript), out var message));
        Assert.Equal(60000u, message.Header!.TimeToLiveMs);
        Assert.Null(message.Header.DeliveryCount);
        Assert.Equal("pk", message.MessageAnnotations![new AmqpSymbol("x-opt-partition-key")]);
        Assert.Equal("m1", message.Properties!.MessageId);
        Assert.Equal("s", message.Properties.Subject);
        Assert.Equal("c1", message.Properties.CorrelationId);
        Assert.Equal("text/plain", message.Properties.ContentType);
        Assert.Equal(TimeSpan.FromMinutes(1), message.Properties.AbsoluteExpiryTime - message.Properties.CreationTime);
        Assert.Equal([1u, "x", true, 1.5, DateTime.UnixEpoch], message.ApplicationProperties!.Select(pair => pair.Value));
        Assert.Equal("\"hello\""u8.ToArray(), Assert.Single(message.Data).ToArray());
        Assert.True(AmqpMessage.TryDecode(message.Encode(), out var again));
        Assert.Equal(message.Properties, again.Properties);
        Assert.Equal(message.Header, again.Header);
    }

    [Fact]
    public void TryIndex_JavaScriptMessage_RangesCoverItWithoutGaps()
    {
        var bytes = Convert.FromHexString(JavaScript);
        Assert.True(MessageSections.TryIndex(bytes, out var sections));
        Assert.Equal(0, sections.Header.Start.Value);
        Assert.Equal(sections.Header.End, sections.MessageAnnotations.Start);
        Assert.Equal(sections.MessageAnnotations.End, sections.Properties.Start);
        Assert.Equal(sections.Properties.Start, sections.Bare.Start);
        Assert.Equal(bytes.Length, sections.Body.End.Value);
        Assert.Equal(bytes.Length, sections.Bare.End.Value);
        Assert.Equal((BodyKind.Data, 1), (sections.BodyKind, sections.BodySections));
        Assert.True(bytes.AsSpan()[sections.Footer].IsEmpty);
    }

    [Theory]
    [InlineData("005375a0003100")]
    [InlineData("005375a00131005373c00401a10161")]
    [InlineData("005373c00401a10161005373c00401a10161")]
    [InlineData("005375a001310053775401")]
    [InlineData("00537754010053775401")]
    [InlineData("00537040005375a00131")]
    [InlineData("005379a00131")]
    [InlineData("a00131")]
    public void TryIndex_SectionsOutOfOrderRepeatedOrUnknown_AreRefused(string hex) =>
        Assert.False(MessageSections.TryIndex(Convert.FromHexString(hex), out _));

    [Fact]
    public void TryUnpack_DotNetBatch_FindsBothMessages()
    {
        var payload = Convert.FromHexString(Batch);
        var messages = new List<Range>();
        Assert.True(MessageBatch.TryUnpack(payload, messages));
        Assert.Equal(["1", "2"], messages.Select(range =>
        {
            Assert.True(AmqpMessage.TryDecode(payload[range], out var message));
            return System.Text.Encoding.ASCII.GetString(message.Data[0].Span);
        }));
        using var writer = new AmqpWriter();
        messages.ForEach(range => MessageBatch.WriteMessage(writer, payload.AsSpan()[range]));
        Assert.Equal(Batch[18..], Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Fact]
    public void Header_DeliveryCountZero_IsWrittenOut()
    {
        using var writer = new AmqpWriter();
        new MessageHeader { DeliveryCount = 0 }.Write(writer);
        Assert.Equal("005370c006054040404043", Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Fact]
    public void TryDecode_SequencesAndValue_RoundTrip()
    {
        var sequences = new AmqpMessage { BodyKind = BodyKind.Sequence, Sequences = [[1, "a"], [null]] };
        Assert.True(AmqpMessage.TryDecode(sequences.Encode(), out var back));
        Assert.Equal(sequences.Sequences, back.Sequences);
        Assert.True(AmqpMessage.TryDecode(new AmqpMessage { BodyKind = BodyKind.Value }.Encode(), out back));
        Assert.Equal(BodyKind.Value, back.BodyKind);
        Assert.Null(back.Value);
    }
}
