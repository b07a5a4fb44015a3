using System.Text.Json;

namespace Emulator.ServiceBus.Topology;

/// <summary>The <c>Rules</c> part of Config.json.</summary>
internal static class ConfigRuleReader
{
    public static RuleSettings Read(ConfigNode node)
    {
        node.Only("Name", "Properties");
        var rule = new RuleSettings { Name = node.Name(), Filter = TrueFilter.Instance };
        if (node.Child("Properties") is not { } properties) return rule;
        properties.Only("FilterType", "CorrelationFilter", "SqlFilter", "Action");
        return rule with { Filter = ReadFilter(properties), ActionSqlExpression = properties.Child("Action")?.Text("SqlExpression") };
    }

    private static RuleFilter ReadFilter(ConfigNode properties)
    {
        var type = properties.Text("FilterType");
        if (string.Equals(type, "Correlation", StringComparison.OrdinalIgnoreCase))
        {
            return properties.Child("CorrelationFilter") is { } correlation
                ? ReadCorrelation(correlation)
                : properties.Missing<RuleFilter>("CorrelationFilter", "an object", FalseFilter.Instance);
        }

        if (string.Equals(type, "Sql", StringComparison.OrdinalIgnoreCase))
        {
            return properties.Child("SqlFilter")?.Text("SqlExpression") is { } expression
                ? SqlFilter.Of(expression)
                : properties.Missing<RuleFilter>("SqlFilter.SqlExpression", "a string", FalseFilter.Instance);
        }

        if (type is not null) properties.Fault("FilterType", "\"Correlation\" or \"Sql\"", $"\"{type}\"");
        return type is null ? TrueFilter.Instance : FalseFilter.Instance;
    }

    private static CorrelationFilter ReadCorrelation(ConfigNode node)
    {
        node.Only("CorrelationId", "MessageId", "To", "ReplyTo", "Label", "SessionId", "ReplyToSessionId", "ContentType", "Properties");
        return CorrelationFilter.Of(
            node.Text,
            node.Child("Properties") is { } properties ? ReadProperties(properties) : new Dictionary<string, object>());
    }

    private static Dictionary<string, object> ReadProperties(ConfigNode node)
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in node.Members())
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String: properties[name] = value.GetString()!; break;
                case JsonValueKind.True or JsonValueKind.False: properties[name] = value.GetBoolean(); break;
                case JsonValueKind.Number when value.TryGetInt64(out var number): properties[name] = number; break;
                case JsonValueKind.Number: properties[name] = value.GetDouble(); break;
                default: node.Fault(name, "a string, a number, true or false", ConfigNode.Describe(value)); break;
            }
        }

        return properties;
    }
}
