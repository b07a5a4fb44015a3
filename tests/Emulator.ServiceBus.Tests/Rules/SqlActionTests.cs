using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;
using MessageProperties = Emulator.Amqp.Messages.MessageProperties;

namespace Emulator.ServiceBus.Tests.Rules;

public sealed class SqlActionTests
{
    [Fact]
    public void Apply_SetAndRemove_LaterStatementsSeeEarlierChanges()
    {
        var message = Run("SET total = quantity * 2; SET Color = 'green'; set copy = color; REMOVE price; REMOVE missing; SET label = sys.Label + '!'; SET nothing = missing;");

        var properties = Decode(message).ApplicationProperties!;
        Assert.Equal(10L, properties["total"]);
        Assert.Equal("green", properties["color"]);
        Assert.False(properties.TryGetText("Color", out _));
        Assert.Equal("green", properties["copy"]);
        Assert.False(properties.TryGetText("price", out _));
        Assert.Equal("red!", properties["label"]);
        Assert.True(properties.TryGetText("nothing", out var nothing));
        Assert.Null(nothing);
        Assert.Equal(5, properties["quantity"]);
    }

    [Fact]
    public void Apply_SystemProperties_ChangesThemAndKeepsTheRest()
    {
        var message = Run("SET sys.Label = 'x' SET sys.To = 'y' SET sys.SessionId = 's9' SET sys.TimeToLive = '00:01:00' SET sys.CorrelationId = 7 SET sys.MessageId = 'm9' REMOVE sys.ReplyTo");

        var decoded = Decode(message);
        var properties = decoded.Properties!;
        Assert.Equal(("x", "y", "s9", "7", "m9", null, "text/plain"), (properties.Subject, properties.To, properties.GroupId, properties.CorrelationId, properties.MessageId, properties.ReplyTo, properties.ContentType));
        Assert.Equal(("m9", "s9", TimeSpan.FromMinutes(1)), (message.MessageId, message.SessionId, message.TimeToLive));
        Assert.Equal("body"u8.ToArray(), decoded.Data[0].ToArray());
        Assert.Equal("blue", decoded.ApplicationProperties!["color"]);
    }

    [Theory]
    [InlineData("SET sys.TimeToLive = 'soon'", "a string cannot be sys.TimeToLive")]
    [InlineData("SET x = quantity / 0", "a division by zero")]
    [InlineData("SET sys.To = sys.EnqueuedTimeUtc", "a time cannot be sys.To")]
    public void Apply_CannotBeDone_SaysWhy(string action, string expected)
    {
        Assert.True(
            Rule.TryCompile(new RuleSettings { Name = "r", Filter = TrueFilter.Instance, ActionSqlExpression = action }, out var rule, out _));
        Assert.Equal(expected, rule.Apply(SqlFilterTests.Message()));
    }

    [Theory]
    [InlineData("", "at position 0: expected SET or REMOVE, got the end")]
    [InlineData("SET a", "at position 5: expected '=', got the end")]
    [InlineData("DROP a", "at position 0: expected SET or REMOVE, got 'DROP'")]
    [InlineData("SET sys.SequenceNumber = 1", "at position 4: expected a property that can be set, got 'sys.SequenceNumber'")]
    [InlineData("REMOVE sys.MessageId", "at position 7: expected a property that can be removed, got 'sys.MessageId'")]
    [InlineData("SET a = 1; 2", "at position 11: expected SET or REMOVE, got '2'")]
    public void TryParseAction_NotInTheGrammar_SaysWhere(string action, string expected)
    {
        Assert.False(SqlParser.TryParseAction(action, new Dictionary<string, object>(), out _, out var error));
        Assert.Equal(expected, error.ToString());
    }

    [Fact]
    public void TryParseAction_ThirtyThreeStatements_IsOneTooMany()
    {
        Assert.True(
            SqlParser.TryParseAction(string.Concat(Enumerable.Repeat("SET a=1;", 32)), new Dictionary<string, object>(), out var statements, out _));
        Assert.Equal(32, statements.Count);
        Assert.False(
            SqlParser.TryParseAction(string.Concat(Enumerable.Repeat("SET a=1;", 33)), new Dictionary<string, object>(), out _, out var error));
        Assert.Equal("at position 256: expected at most 32 statements, got 'SET'", error.ToString());
    }

    private static MessageContent Run(string action)
    {
        var encoded = new AmqpMessage
        {
            Properties = new MessageProperties { MessageId = "m1", Subject = "red", ContentType = "text/plain", ReplyTo = "back" },
            ApplicationProperties = new AmqpMap { { "color", "blue" }, { "quantity", 5 }, { "price", 1.5 } },
            BodyKind = BodyKind.Data,
            Data = ["body"u8.ToArray()],
        }.Encode();
        Assert.True(MessageCodec.TryRead(encoded, out var content, out _));
        Assert.True(Rule.TryCompile(new RuleSettings { Name = "r", Filter = TrueFilter.Instance, ActionSqlExpression = action }, out var rule, out var error), error);
        var message = new RuleMessage(MessageCodec.Instance.ReadFields(content!), default, 1);
        Assert.Null(rule.Apply(message));
        return MessageCodec.Instance.Apply(content!, message.Changes);
    }

    private static AmqpMessage Decode(MessageContent content)
    {
        byte[] encoded = [.. content.Properties.Span, .. content.ApplicationProperties.Span, .. content.Body.Span];
        Assert.True(AmqpMessage.TryDecode(encoded, out var message));
        return message;
    }
}
