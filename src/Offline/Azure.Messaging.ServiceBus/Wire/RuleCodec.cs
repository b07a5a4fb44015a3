using Azure.Messaging.ServiceBus.Administration;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Rules in the form <c>$management</c> has them: maps on the way there, described lists on the way back.</summary>
internal static class RuleCodec
{
    // Irregular, as the service writes them: the filters' codes have one digit fewer.
    private const ulong SqlActionCode = 0x0000013700000006;
    private const ulong SqlFilterCode = 0x0000001370000006;
    private const ulong TrueFilterCode = 0x0000001370000007;
    private const ulong FalseFilterCode = 0x0000001370000008;
    private const ulong CorrelationFilterCode = 0x0000001370000009;

    /// <summary>The body of add-rule.</summary>
    public static AmqpMap Write(CreateRuleOptions rule)
    {
        var description = new AmqpMap();
        switch (rule.Filter)
        {
            case SqlRuleFilter sql:
                description.Add("sql-filter", new AmqpMap { { "expression", sql.SqlExpression } });
                break;
            case CorrelationRuleFilter correlation:
                description.Add("correlation-filter", Write(correlation));
                break;
            default:
                throw new NotSupportedException($"A filter of type {rule.Filter?.GetType().Name ?? "null"} cannot be sent.");
        }

        description.Add("sql-rule-action", rule.Action is SqlRuleAction action ? new AmqpMap { { "expression", action.SqlExpression } } : null);
        description.Add("rule-name", rule.Name);
        return new AmqpMap { { "rule-name", rule.Name }, { "rule-description", description } };
    }

    /// <summary>A rule of enumerate-rules; null when it cannot be read.</summary>
    public static RuleProperties? Read(object? entry)
    {
        if (entry is not AmqpMap map || !map.TryGet<AmqpDescribed>("rule-description", out var description)
            || description.Value is not List<object?> { Count: >= 3 } fields || fields[2] is not string name
            || ReadFilter(fields[0] as AmqpDescribed) is not { } filter)
        {
            return null;
        }

        var action = fields[1] is AmqpDescribed { Descriptor: SqlActionCode, Value: List<object?> { Count: > 0 } parts } && parts[0] is string expression
            ? new SqlRuleAction(expression)
            : null;
        return new RuleProperties(name, filter, action!);
    }

    private static AmqpMap Write(CorrelationRuleFilter filter)
    {
        var properties = new AmqpMap();
        foreach (var (name, value) in filter.ApplicationProperties)
        {
            properties.Add(name, PropertyValue.ToAmqp(value, name));
        }

        return new AmqpMap
        {
            { "correlation-id", filter.CorrelationId },
            { "message-id", filter.MessageId },
            { "to", filter.To },
            { "reply-to", filter.ReplyTo },
            { "label", filter.Subject },
            { "session-id", filter.SessionId },
            { "reply-to-session-id", filter.ReplyToSessionId },
            { "content-type", filter.ContentType },
            { "properties", properties },
        };
    }

    private static RuleFilter? ReadFilter(AmqpDescribed? filter)
    {
        var fields = filter?.Value as List<object?> ?? [];
        return filter?.Descriptor switch
        {
            TrueFilterCode => new TrueRuleFilter(),
            FalseFilterCode => new FalseRuleFilter(),
            SqlFilterCode => Text(fields, 0) is { Length: > 0 } expression ? new SqlRuleFilter(expression) : null,
            CorrelationFilterCode => ReadCorrelation(fields),
            _ => null,
        };
    }

    private static CorrelationRuleFilter ReadCorrelation(List<object?> fields)
    {
        var filter = new CorrelationRuleFilter
        {
            CorrelationId = Text(fields, 0)!,
            MessageId = Text(fields, 1)!,
            To = Text(fields, 2)!,
            ReplyTo = Text(fields, 3)!,
            Subject = Text(fields, 4)!,
            SessionId = Text(fields, 5)!,
            ReplyToSessionId = Text(fields, 6)!,
            ContentType = Text(fields, 7)!,
        };
        foreach (var (key, value) in fields.Count > 8 && fields[8] is AmqpMap properties ? properties : [])
        {
            if (PropertyValue.FromAmqp(key) is string name && PropertyValue.FromAmqp(value) is { } typed)
            {
                filter.ApplicationProperties[name] = typed;
            }
        }

        return filter;
    }

    private static string? Text(List<object?> fields, int index) => index < fields.Count ? fields[index] as string : null;
}
