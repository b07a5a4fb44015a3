using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>RuleDescription: filters, actions and their typed values.</summary>
internal static class RuleXml
{
    public const string Name = "RuleDescription";
    private const int CompatibilityLevel = 20;

    // JS cuts five characters off a value's type, so the prefix is these four and a colon.
    private const string ValuePrefix = "d6p1";

    /// <param name="name">The rule's, when the description has none of its own.</param>
    /// <param name="description">RuleDescription or DefaultRuleDescription.</param>
    /// <param name="faults">Takes one line per value that cannot be read.</param>
    public static RuleSettings Read(string name, XElement description, List<string> faults)
    {
        var reader = new DescriptionReader(description, faults);
        var action = reader.Element("Action") is { } element && TypeOf(element) == "SqlRuleAction"
            ? new DescriptionReader(element, faults)
            : null;
        return new RuleSettings
        {
            Name = reader.Text("Name")?.Trim() ?? name,
            Filter = reader.Element("Filter") is { } filter ? ReadFilter(filter, faults) : TrueFilter.Instance,
            ActionSqlExpression = action?.Text("SqlExpression"),
            ActionParameters = action?.Element("Parameters") is { HasElements: true } parameters ? ReadValues(parameters, faults) : null,
            CreatedAt = reader.Text("CreatedAt") is { } created
                && DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                    ? time
                    : null,
        };
    }

    public static XElement Write(RuleSettings rule, DateTimeOffset? createdAt)
    {
        var writer = new DescriptionWriter(Name);
        writer.Element.Add(WriteFilter(rule.Filter));
        writer.Element.Add(rule.ActionSqlExpression is { } action
            ? Typed(
                "Action",
                "SqlRuleAction",
                Child("SqlExpression", action),
                Child("CompatibilityLevel", CompatibilityLevel),
                Values("Parameters", rule.ActionParameters ?? new Dictionary<string, object>()))
            : Typed("Action", "EmptyRuleAction"));
        if (createdAt is { } time) writer.Add("CreatedAt", time);
        return writer.Add("Name", rule.Name).Element;
    }

    private static RuleFilter ReadFilter(XElement filter, List<string> faults)
    {
        var reader = new DescriptionReader(filter, faults);
        switch (TypeOf(filter))
        {
            case "TrueFilter":
                return TrueFilter.Instance;
            case "FalseFilter":
                return FalseFilter.Instance;
            case "SqlFilter":
                return reader.Text("SqlExpression") is { } expression
                    ? new SqlFilter(expression) { Parameters = ReadValues(reader.Element("Parameters"), faults) }
                    : Unreadable("an expression in SqlExpression", "none");
            case "CorrelationFilter":
                return CorrelationFilter.Of(reader.Text, ReadValues(reader.Element("Properties"), faults));
            case var type:
                return Unreadable("the type SqlFilter, TrueFilter, FalseFilter or CorrelationFilter", type ?? "none");
        }

        RuleFilter Unreadable(string expected, string came)
        {
            faults.Add($"Filter: expected {expected}, got {came}");
            return FalseFilter.Instance;
        }
    }

    private static Dictionary<string, object> ReadValues(XElement? parent, List<string> faults)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var pair in parent?.Elements() ?? [])
        {
            var reader = new DescriptionReader(pair, faults);
            if (reader.Element("Key")?.Value is not { Length: > 0 } key || reader.Element("Value") is not { } value)
            {
                faults.Add("Properties: expected a Key and a Value, got something else");
            }
            else if (ReadValue(TypeOf(value), value.Value) is { } typed)
            {
                values[key] = typed;
            }
            else
            {
                var type = TypeOf(value) ?? "no type";
                faults.Add($"Properties: expected a value of its type for \"{key}\", got \"{value.Value}\" as {type}");
            }
        }

        return values;
    }

    private static object? ReadValue(string? type, string text)
    {
        try
        {
            return type switch
            {
                null or "string" => text,
                "int" => XmlConvert.ToInt32(text),
                "long" => XmlConvert.ToInt64(text),
                "short" => XmlConvert.ToInt16(text),
                "double" => XmlConvert.ToDouble(text),
                "float" => XmlConvert.ToSingle(text),
                "decimal" => XmlConvert.ToDecimal(text),
                "boolean" => XmlConvert.ToBoolean(text),
                "dateTime" => XmlConvert.ToDateTimeOffset(text),
                "duration" => XmlConvert.ToTimeSpan(text),
                "guid" => XmlConvert.ToGuid(text),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static XElement WriteFilter(RuleFilter filter) => filter switch
    {
        TrueFilter => Typed("Filter", "TrueFilter", Child("SqlExpression", "1=1"), Child("CompatibilityLevel", CompatibilityLevel)),
        FalseFilter => Typed("Filter", "FalseFilter", Child("SqlExpression", "1=0"), Child("CompatibilityLevel", CompatibilityLevel)),
        SqlFilter sql => Typed(
            "Filter",
            "SqlFilter",
            Child("SqlExpression", sql.Expression),
            Child("CompatibilityLevel", CompatibilityLevel),
            Values("Parameters", sql.Parameters)),
        CorrelationFilter correlation => Typed(
            "Filter",
            "CorrelationFilter",
            Optional("CorrelationId", correlation.CorrelationId),
            Optional("MessageId", correlation.MessageId),
            Optional("To", correlation.To),
            Optional("ReplyTo", correlation.ReplyTo),
            Optional("Label", correlation.Label),
            Optional("SessionId", correlation.SessionId),
            Optional("ReplyToSessionId", correlation.ReplyToSessionId),
            Optional("ContentType", correlation.ContentType),
            Values("Properties", correlation.Properties)),
        _ => throw new InvalidOperationException($"Filter {filter.GetType().Name} has no form in XML."),
    };

    private static XElement Values(string name, IReadOnlyDictionary<string, object> values) =>
        new(AtomNames.ServiceBus + name, values.Select(static pair => Value(pair.Key, pair.Value)));

    private static XElement Value(string key, object value)
    {
        var (type, text) = Describe(value);
        return new XElement(
            AtomNames.ServiceBus + "KeyValueOfstringanyType",
            Child("Key", key),
            new XElement(
                AtomNames.ServiceBus + "Value",
                new XAttribute(XNamespace.Xmlns + ValuePrefix, AtomNames.Schema.NamespaceName),
                new XAttribute(AtomNames.Instance + "type", $"{ValuePrefix}:{type}"),
                text));
    }

    private static (string Type, string Text) Describe(object value) => value switch
    {
        string text => ("string", text),
        bool flag => ("boolean", XmlConvert.ToString(flag)),
        byte or sbyte or short or ushort or int => ("int", Convert.ToString(value, CultureInfo.InvariantCulture)!),
        uint or long => ("long", Convert.ToString(value, CultureInfo.InvariantCulture)!),
        float number => ("double", XmlConvert.ToString((double)number)),
        double number => ("double", XmlConvert.ToString(number)),
        decimal or ulong => ("decimal", Convert.ToString(value, CultureInfo.InvariantCulture)!),
        DateTimeOffset time => ("dateTime", DescriptionWriter.Time(time)),
        DateTime time => ("dateTime", DescriptionWriter.Time(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)))),
        TimeSpan duration => ("duration", XmlConvert.ToString(duration)),
        Guid id => ("guid", XmlConvert.ToString(id)),
        _ => ("string", Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static XElement Typed(string name, string type, params object?[] content) =>
        new(AtomNames.ServiceBus + name, new XAttribute(AtomNames.Instance + "type", type), content);

    private static XElement Child(string name, object value) => new(AtomNames.ServiceBus + name, value);

    private static XElement? Optional(string name, string? value) => value is null ? null : Child(name, value);

    /// <summary>The local part of the type attribute, whatever its prefix and the value's.</summary>
    private static string? TypeOf(XElement element) =>
        element.Attribute(AtomNames.Instance + "type")?.Value is { } type
            ? type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..]
            : null;
}
