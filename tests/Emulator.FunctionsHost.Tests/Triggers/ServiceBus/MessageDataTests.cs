using System.Text.Json;
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Triggers.ServiceBus;

namespace Emulator.FunctionsHost.Tests.Triggers.ServiceBus;

/// <summary>A message as it stands on the wire to the worker.</summary>
public sealed class MessageDataTests
{
    // Every byte differs, so that no two orders look alike.
    private const string Token = "00112233-4455-6677-8899-aabbccddeeff";

    [Fact]
    public void Single_LockToken_IsInTheOrderOfAGuidsBytes()
    {
        var data = MessageData.Single(Message("m-1"), session: null).Data.ModelBindingData;

        Assert.Equal("33221100554477668899AABBCCDDEEFF", Convert.ToHexString(data.Content.Span[..16]));
        Assert.Equal(("1.0", "AzureServiceBusReceivedMessage", "application/octet-stream"), (data.Version, data.Source, data.ContentType));
    }

    [Fact]
    public void Single_Content_IsTheWholeMessageAsTheClientLibraryReadsIt()
    {
        var data = MessageData.Single(Message("m-1"), session: null).Data.ModelBindingData;

        var amqp = AmqpAnnotatedMessage.FromBytes(new BinaryData(data.Content.Memory[16..]));
        var message = ServiceBusReceivedMessage.FromAmqpMessage(amqp, new BinaryData(data.Content.Memory[..16]));
        Assert.Equal((Token, "m-1", "body"), (message.LockToken, message.MessageId, message.Body.ToString()));
        Assert.Equal(("a", 3, 17L), (message.ApplicationProperties["text"], message.DeliveryCount, message.SequenceNumber));
    }

    [Fact]
    public void Single_Metadata_HasNumbersAsJsonAndNullsLeftOut()
    {
        var metadata = MessageData.Single(Message("m-1"), session: null).Metadata;

        // The worker fails an invocation over an int.
        Assert.DoesNotContain(metadata.Values, value => value.DataCase is TypedData.DataOneofCase.Int or TypedData.DataOneofCase.Double);
        Assert.Equal(("3", "17", "m-1"), (metadata["DeliveryCount"].Json, metadata["SequenceNumber"].Json, metadata["MessageId"].String));
        Assert.Equal(Token, metadata["LockToken"].String);
        Assert.DoesNotContain("ReplyTo", metadata.Keys);
        Assert.DoesNotContain("SessionActions", metadata.Keys);
    }

    [Fact]
    public void Single_PropertiesThatJsonHasNoWordFor_AreText()
    {
        var message = Message("m-1", ("nan", double.NaN), ("date", DateTimeOffset.UnixEpoch), ("char", 'c'), ("number", 7));

        var properties = JsonSerializer.Deserialize<JsonElement>(MessageData.Single(message, session: null).Metadata["ApplicationProperties"].Json);

        Assert.Equal(
            ("NaN", "c", 7), (properties.GetProperty("nan").GetString(), properties.GetProperty("char").GetString(), properties.GetProperty("number").GetInt32()));
        Assert.Equal(DateTimeOffset.UnixEpoch, properties.GetProperty("date").GetDateTimeOffset());
        Assert.Equal("""[{"number":7,"text":"a"}]""", MessageData.Batch([Message("m-1", ("number", 7))], session: null).Metadata["UserPropertiesArray"].Json);
    }

    [Fact]
    public void Batch_Messages_AreInOrderWithArraysOfMetadata()
    {
        var input = MessageData.Batch([Message("m-1"), Message("m-2")], session: null);

        Assert.Equal(2, input.Data.CollectionModelBindingData.ModelBindingData.Count);
        Assert.Equal("""["m-1","m-2"]""", input.Metadata["MessageIdArray"].Json);
        Assert.Equal("[3,3]", input.Metadata["DeliveryCountArray"].Json);
        Assert.Equal("[null,null]", input.Metadata["ReplyToArray"].Json);
        Assert.All(input.Metadata, pair => Assert.Equal((true, TypedData.DataOneofCase.Json), (pair.Key.EndsWith("Array", StringComparison.Ordinal), pair.Value.DataCase)));
    }

    [Theory]
    [InlineData("traceparent")]
    [InlineData("Diagnostic-Id")]
    public void Single_TraceOfTheSender_IsTheInvocations(string property)
    {
        const string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        var input = MessageData.Single(Message("m-1", (property, parent)), session: null);

        Assert.Equal(parent, input.TraceContext(activity: null).TraceParent);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("00-not-a-trace-01")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public void Single_NoTraceOrAWrongOne_HasOneAllTheSame(string? parent)
    {
        var input = MessageData.Single(parent is null ? Message("m-1") : Message("m-1", ("traceparent", parent)), session: null);

        Assert.Matches("^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$", input.TraceContext(activity: null).TraceParent);
    }

    [Fact]
    public void Batch_TracesOfTheSenders_AreLinkedAndNoneIsTheInvocations()
    {
        const string one = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const string other = "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-00";

        var input = MessageData.Batch(
            [
                Message("m-1", ("traceparent", one)),
                Message("m-2"),
                Message("m-3", ("traceparent", "00-not-a-trace-01")),
                Message("m-4", ("Diagnostic-Id", other)),
            ],
            session: null);

        Assert.Equal(["b7ad6b7169203331", "c7ad6b7169203331"], input.Links.Select(link => link.Context.SpanId.ToHexString()));
        Assert.Null(input.TraceParent);
    }

    private static ServiceBusReceivedMessage Message(string id, params (string Name, object Value)[] properties) => ServiceBusModelFactory.ServiceBusReceivedMessage(
        body: new BinaryData("body"), messageId: id, lockTokenGuid: new Guid(Token), deliveryCount: 3, sequenceNumber: 17,
        properties: properties.Append(("text", "a")).ToDictionary(property => property.Item1, property => property.Item2));
}
