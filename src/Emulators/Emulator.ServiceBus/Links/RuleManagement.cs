using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Links;

/// <summary>Between rules and their forms on <c>$management</c>.</summary>
internal static class RuleManagement
{
    private const int CompatibilityLevel = 20;
    // The cloud counts per topic: 2,000 SQL filters and 100,000 of correlation.
    private const int MaxRules = 100_000;
    private const int MaxListed = 1000;

    // Replies stop growing here; clients ask again from where it ended.
    private const int MaxCharacters = 128 * 1024;

    // Irregular as they are: the filters' constants have one digit fewer in the official clients, and both compare the numbers.
    private const ulong RuleDescription = 0x0000013700000004;
    private const ulong EmptyAction = 0x0000013700000005;
    private const ulong SqlAction = 0x0000013700000006;
    private const ulong SqlFilterCode = 0x0000001370000006;
    private const ulong TrueFilterCode = 0x0000001370000007;
    private const ulong FalseFilterCode = 0x0000001370000008;
    private const ulong CorrelationFilterCode = 0x0000001370000009;

    private const string NoName = "expected rule-name as a string, got none";
    private const string BadName =
        "expected a rule-name of 1 to 50 letters, digits, '.', '-', '_', '/' or '~', the first a letter or digit, or $Default";
    private const string NoFilter = "expected sql-filter with an expression or correlation-filter, got neither";

    /// <summary>Reads the arguments of add-rule.</summary>
    /// <param name="arguments">rule-name and rule-description.</param>
    /// <param name="now">When the rule is made.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">What was expected, when false is returned.</param>
    public static bool TryReadRule(AmqpMap arguments, DateTimeOffset now, [NotNullWhen(true)] out RuleSettings? rule, out string error)
    {
        rule = null;
        error = "";
        if (!arguments.TryGet<AmqpMap>("rule-description", out var description)) error = "expected rule-description as a map, got none";
        else if (!arguments.TryGet<string>("rule-name", out var name) && !description.TryGet("rule-name", out name)) error = NoName;
        else if (name is null || !TopologyValidator.IsRuleName(name)) error = BadName;
        else if (ReadFilter(description) is not { } filter) error = NoFilter;
        else if (Rule.TryCompile(Settings(name, filter), out var made, out var fault)) rule = made.Settings;
        else error = fault;
        return rule is not null;

        RuleSettings Settings(string name, RuleFilter filter) =>
            new() { Name = name, Filter = filter, ActionSqlExpression = ReadAction(description), CreatedAt = now };
    }

    public static EntityOutcome Add(SubscriptionEntity subscription, RuleSettings rule)
    {
        var fault = EntityFault.None;
        return subscription.Change(settings =>
        {
            if (settings.Rules.Any(other => IsNamed(other, rule.Name))) fault = EntityFault.RuleExists;
            else if (settings.Rules.Count >= MaxRules) fault = EntityFault.QuotaExceeded;
            return fault == EntityFault.None ? settings with { Rules = [.. settings.Rules, rule] } : null;
        }) ?? EntityOutcome.Failed(fault);
    }

    public static EntityOutcome Remove(SubscriptionEntity subscription, string name) => subscription.Change(settings =>
    {
        RuleSettings[] left = [.. settings.Rules.Where(rule => !IsNamed(rule, name))];
        return left.Length < settings.Rules.Count ? settings with { Rules = left } : null;
    }) ?? EntityOutcome.Failed(EntityFault.RuleNotFound);

    /// <summary>The answer of enumerate-rules; null when there is none.</summary>
    public static AmqpMap? List(SubscriptionEntity subscription, AmqpMap arguments)
    {
        arguments.TryGetInteger("skip", out var skip);
        if (!arguments.TryGetInteger("top", out var top)) top = MaxListed;
        var characters = 0;
        var listed = new List<object?>();
        var asked = subscription.Settings.Rules.Skip((int)Math.Clamp(skip, 0, int.MaxValue)).Take((int)Math.Clamp(top, 0, MaxListed));
        foreach (var rule in asked)
        {
            characters += ((rule.Filter as SqlFilter)?.Expression.Length ?? 0) + (rule.ActionSqlExpression?.Length ?? 0);
            if (characters > MaxCharacters && listed.Count > 0) break;
            listed.Add(new AmqpMap { { "rule-description", Describe(rule, subscription.Origin.CreatedAt) } });
        }

        return listed.Count == 0 ? null : new AmqpMap { { "rules", listed } };
    }

    private static bool IsNamed(RuleSettings rule, string name) => string.Equals(rule.Name, name, StringComparison.OrdinalIgnoreCase);

    private static AmqpDescribed Describe(RuleSettings rule, DateTimeOffset createdAt) => new(RuleDescription, new List<object?>
    {
        Describe(rule.Filter),
        rule.ActionSqlExpression is { } action
            ? new AmqpDescribed(SqlAction, new List<object?> { action, CompatibilityLevel })
            : new AmqpDescribed(EmptyAction, new List<object?>()),
        rule.Name,
        (rule.CreatedAt ?? createdAt).UtcDateTime,
    });

    private static AmqpDescribed Describe(RuleFilter filter) => filter switch
    {
        TrueFilter => new AmqpDescribed(TrueFilterCode, new List<object?>()),
        SqlFilter sql => new AmqpDescribed(SqlFilterCode, new List<object?> { sql.Expression, CompatibilityLevel }),
        CorrelationFilter correlation => new AmqpDescribed(CorrelationFilterCode, new List<object?>
        {
            correlation.CorrelationId, correlation.MessageId, correlation.To, correlation.ReplyTo, correlation.Label, correlation.SessionId,
            correlation.ReplyToSessionId, correlation.ContentType, Describe(correlation.Properties),
        }),
        _ => new AmqpDescribed(FalseFilterCode, new List<object?>()),
    };

    private static AmqpMap Describe(IReadOnlyDictionary<string, object> properties)
    {
        var map = new AmqpMap();
        foreach (var (name, value) in properties)
        {
            map.Add(name, RuleValues.ToAmqp(value));
        }

        return map;
    }

    private static RuleFilter? ReadFilter(AmqpMap description)
    {
        if (description.TryGet<AmqpMap>("sql-filter", out var sql))
        {
            return sql.TryGet<string>("expression", out var expression) ? SqlFilter.Of(expression) : null;
        }

        if (!description.TryGet<AmqpMap>("correlation-filter", out var correlation)) return null;
        return CorrelationFilter.Of(
            name => Text(correlation, Kebab(name)),
            correlation.TryGet<AmqpMap>("properties", out var properties) ? ReadProperties(properties) : new Dictionary<string, object>());
    }

    private static Dictionary<string, object> ReadProperties(AmqpMap map)
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            if (RuleValues.FromAmqp(key) is string name && RuleValues.FromAmqp(value) is { } wanted) properties[name] = wanted;
        }

        return properties;
    }

    private static string? ReadAction(AmqpMap description) =>
        description.TryGet<AmqpMap>("sql-rule-action", out var action) ? Text(action, "expression") : null;

    /// <summary>ReplyToSessionId as reply-to-session-id.</summary>
    private static string Kebab(string name) => string.Concat(name.Select((letter, index) =>
        (char.IsAsciiLetterUpper(letter) && index > 0 ? "-" : "") + char.ToLowerInvariant(letter)));

    // Unset is null from one client and empty from another.
    private static string? Text(AmqpMap map, string name) => map.TryGet<string>(name, out var text) && text.Length > 0 ? text : null;
}
