using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Azure.Messaging.ServiceBus.Administration;
using static Azure.Messaging.ServiceBus.Wire.AdministrationXml;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Rules in XML: filters, actions and their typed values.</summary>
internal static class RuleDescriptionXml
{
    private static readonly XNamespace Schema = "http://www.w3.org/2001/XMLSchema";

    public static XElement Write(string name, CreateRuleOptions rule) => Element(
        name,
        new XAttribute(XNamespace.Xmlns + "i", Instance.NamespaceName),
        Write(rule.Filter),
        rule.Action is SqlRuleAction action
            ? Typed("Action", "SqlRuleAction", Element("SqlExpression", action.SqlExpression), Values("Parameters", action.Parameters))
            : Typed("Action", "EmptyRuleAction"),
        Element("Name", rule.Name));

    public static RuleProperties Read(XElement entry)
    {
        var rule = Description(entry);
        return new RuleProperties(
            Text(rule, "Name") ?? Title(entry),
            Filter(rule.Element(Connect + "Filter") ?? throw new XmlException("Expected a rule with a Filter, got none.")),
            rule.Element(Connect + "Action") is { } action && TypeOf(action) == "SqlRuleAction" ? Action(action) : null);
    }

    private static SqlRuleAction Action(XElement element)
    {
        var action = new SqlRuleAction(Text(element, "SqlExpression"));
        ReadValues(element.Element(Connect + "Parameters"), action.Parameters);
        return action;
    }

    private static RuleFilter Filter(XElement element)
    {
        switch (TypeOf(element))
        {
            case "TrueFilter": return new TrueRuleFilter();
            case "FalseFilter": return new FalseRuleFilter();
            case "SqlFilter":
                var sql = new SqlRuleFilter(Text(element, "SqlExpression"));
                ReadValues(element.Element(Connect + "Parameters"), sql.Parameters);
                return sql;
            case "CorrelationFilter":
                var correlation = new CorrelationRuleFilter
                {
                    CorrelationId = Text(element, "CorrelationId"),
                    MessageId = Text(element, "MessageId"),
                    To = Text(element, "To"),
                    ReplyTo = Text(element, "ReplyTo"),
                    Subject = Text(element, "Label"),
                    SessionId = Text(element, "SessionId"),
                    ReplyToSessionId = Text(element, "ReplyToSessionId"),
                    ContentType = Text(element, "ContentType"),
                };
                ReadValues(element.Element(Connect + "Properties"), correlation.ApplicationProperties);
                return correlation;
            case var type: throw new NotSupportedException($"Filter '{type}' is not known.");
        }
    }

    private static XElement Write(RuleFilter filter) => filter switch
    {
        TrueRuleFilter => Typed("Filter", "TrueFilter", Element("SqlExpression", "1=1")),
        FalseRuleFilter => Typed("Filter", "FalseFilter", Element("SqlExpression", "1=0")),
        SqlRuleFilter sql => Typed("Filter", "SqlFilter", Element("SqlExpression", sql.SqlExpression), Values("Parameters", sql.Parameters)),
        CorrelationRuleFilter correlation => Typed(
            "Filter",
            "CorrelationFilter",
            Optional("CorrelationId", correlation.CorrelationId),
            Optional("MessageId", correlation.MessageId),
            Optional("To", correlation.To),
            Optional("ReplyTo", correlation.ReplyTo),
            Optional("Label", correlation.Subject),
            Optional("SessionId", correlation.SessionId),
            Optional("ReplyToSessionId", correlation.ReplyToSessionId),
            Optional("ContentType", correlation.ContentType),
            Values("Properties", correlation.ApplicationProperties)),
        _ => throw new NotSupportedException($"Filter '{filter.GetType().Name}' is not known."),
    };

    private static XElement Typed(string name, string type, params object?[] content) => Element(name, new XAttribute(Instance + "type", type), content);

    private static XElement? Optional(string name, string? value) => value is null ? null : Element(name, value);

    private static XElement? Values(string name, IDictionary<string, object> values) => values.Count == 0 ? null : Element(name, values.Select(static pair =>
    {
        var (type, text) = Describe(pair.Value);
        return Element(
            "KeyValueOfstringanyType",
            Element("Key", pair.Key),
            Element("Value", new XAttribute(XNamespace.Xmlns + "d6p1", Schema.NamespaceName), new XAttribute(Instance + "type", "d6p1:" + type), text));
    }));

    private static (string Type, string Text) Describe(object value) => value switch
    {
        string text => ("string", text),
        int number => ("int", XmlConvert.ToString(number)),
        long number => ("long", XmlConvert.ToString(number)),
        bool flag => ("boolean", XmlConvert.ToString(flag)),
        double number => ("double", XmlConvert.ToString(number)),
        DateTime time => ("dateTime", XmlConvert.ToString(time, XmlDateTimeSerializationMode.Utc)),
        DateTimeOffset time => ("dateTime", XmlConvert.ToString(time)),
        TimeSpan duration => ("duration", XmlConvert.ToString(duration)),
        _ => throw new ArgumentException($"A rule's value was expected to be a string, int, long, bool, double, DateTime or TimeSpan; it was {value?.GetType().Name ?? "null"}."),
    };

    private static void ReadValues(XElement? parent, IDictionary<string, object> values)
    {
        foreach (var pair in parent?.Elements() ?? [])
        {
            if (pair.Element(Connect + "Key")?.Value is not { } key || pair.Element(Connect + "Value") is not { } value) continue;
            values[key] = TypeOf(value) switch
            {
                "int" => XmlConvert.ToInt32(value.Value),
                "long" => XmlConvert.ToInt64(value.Value),
                "boolean" => XmlConvert.ToBoolean(value.Value),
                "double" => XmlConvert.ToDouble(value.Value),
                "dateTime" => DateTime.Parse(value.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                "duration" => XmlConvert.ToTimeSpan(value.Value),
                _ => value.Value,
            };
        }
    }

    private static string? TypeOf(XElement element) =>
        element.Attribute(Instance + "type")?.Value is { } type ? type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..] : null;
}
