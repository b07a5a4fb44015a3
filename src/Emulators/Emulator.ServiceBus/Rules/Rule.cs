using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Xml;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Rules;

/// <summary>One rule ready to run. Immutable.</summary>
internal sealed class Rule
{
    private static readonly Dictionary<string, object> NoParameters = [];

    private readonly SqlNode? _filter;
    private readonly IReadOnlyList<SqlStatement> _action;

    private Rule(RuleSettings settings, SqlNode? filter, IReadOnlyList<SqlStatement> action)
    {
        Settings = settings;
        _filter = filter;
        _action = action;
    }

    public RuleSettings Settings { get; }

    public string Name => Settings.Name;

    /// <summary>Whether a match yields a copy of its own, changed.</summary>
    public bool HasAction => _action.Count > 0;

    /// <summary>Whether every message matches and none is changed.</summary>
    public bool IsMatchAll => Settings.Filter is TrueFilter && !HasAction;

    /// <summary>Checks filter and action and makes them ready.</summary>
    /// <param name="settings">As given.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">What is wrong with which part, and where.</param>
    public static bool TryCompile(RuleSettings settings, [NotNullWhen(true)] out Rule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        error = null;
        SqlNode? filter = null;
        IReadOnlyList<SqlStatement>? action = [];
        if (settings.Filter is SqlFilter sql && !SqlParser.TryParseFilter(sql.Expression, sql.Parameters, out filter, out var fault))
        {
            error = $"SQL filter \"{Shorten(sql.Expression)}\" {fault}";
        }
        else if (Texts(settings).FirstOrDefault(static text => !IsText(text)) is { } other)
        {
            error = $"expected texts of characters that XML 1.0 knows, got \"{Shorten(other)}\"";
        }
        else if (settings.Filter is CorrelationFilter { IsEmpty: true })
        {
            error = "a correlation filter expects at least one condition, got none";
        }
        else if (settings.ActionSqlExpression is { } text
            && !SqlParser.TryParseAction(text, settings.ActionParameters ?? NoParameters, out action, out fault))
        {
            error = $"SQL action \"{Shorten(text)}\" {fault}";
        }

        if (error is null) rule = new Rule(settings, filter, action!);
        return rule is not null;
    }

    /// <summary>Whether the filter holds.</summary>
    /// <param name="message">The message.</param>
    /// <param name="fields">The same message, for correlation.</param>
    /// <param name="fault">Why it cannot be said; false is returned then.</param>
    public bool IsMatch(RuleMessage message, FilterFields fields, out string? fault)
    {
        fault = null;
        switch (Settings.Filter)
        {
            case TrueFilter: return true;
            case CorrelationFilter correlation: return CorrelationMatch.IsMatch(correlation, fields);
            case SqlFilter:
                var evaluator = new SqlEvaluator(message);
                var holds = evaluator.IsTrue(_filter!);
                fault = evaluator.Fault;
                return holds && fault is null;
            default: return false;
        }
    }

    /// <summary>Runs the action on a message of its own.</summary>
    /// <returns>Why it failed, or null.</returns>
    public string? Apply(RuleMessage message)
    {
        foreach (var statement in _action)
        {
            var evaluator = new SqlEvaluator(message);
            var value = statement.Value is null ? null : evaluator.Value(statement.Value);
            if (evaluator.Fault is { } fault) return fault;
            switch (statement.Property)
            {
                case SqlUserProperty property when statement.Value is null:
                    message.RemoveUser(property.Name);
                    break;
                case SqlUserProperty property:
                    message.SetUser(property.Name, value);
                    break;
                case SqlSystemProperty { Property: var property }:
                    if (!TryConvert(property, value, out var converted)) return $"{SqlValue.Name(value!)} cannot be sys.{property}";
                    message.SetSystem(property, converted);
                    break;
            }
        }

        return null;
    }

    private static bool TryConvert(SystemProperty property, object? value, out object? converted)
    {
        converted = value;
        if (value is null) return property != SystemProperty.MessageId;
        if (property == SystemProperty.TimeToLive)
        {
            converted = value is TimeSpan
                ? value
                : value is string text && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : null;
            return converted is TimeSpan { Ticks: > 0 };
        }

        converted = value is string or long or double or decimal or Guid or bool
            ? Convert.ToString(value, CultureInfo.InvariantCulture)
            : null;
        return converted is not null;
    }

    /// <summary>All that is kept as text, in XML as administration shows it.</summary>
    private static IEnumerable<string> Texts(RuleSettings settings)
    {
        IEnumerable<KeyValuePair<string, object>> values = settings.ActionParameters ?? NoParameters;
        IEnumerable<string?> texts = [settings.ActionSqlExpression];
        switch (settings.Filter)
        {
            case SqlFilter sql:
                values = values.Concat(sql.Parameters);
                texts = texts.Append(sql.Expression);
                break;
            case CorrelationFilter f:
                values = values.Concat(f.Properties);
                texts = texts.Concat(
                    [f.CorrelationId, f.MessageId, f.To, f.ReplyTo, f.Label, f.SessionId, f.ReplyToSessionId, f.ContentType]);
                break;
        }

        return texts.Concat(values.SelectMany(static value => new[] { value.Key, value.Value as string })).OfType<string>();
    }

    private static bool IsText(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (XmlConvert.IsXmlChar(text[at])) continue;
            if (at + 1 == text.Length || !XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at])) return false;
            at++;
        }

        return true;
    }

    private static string Shorten(string expression) => expression.Length <= SqlParser.MaxLength ? expression : expression[..64] + "...";
}
