#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a rule is created with.</summary>
public sealed class CreateRuleOptions
{
    /// <summary>Name of the rule a subscription has when none was given.</summary>
    public const string DefaultRuleName = "$Default";

    /// <summary>A rule named <see cref="DefaultRuleName"/> that matches everything.</summary>
    public CreateRuleOptions()
        : this(DefaultRuleName)
    {
    }

    /// <summary>A rule that matches everything.</summary>
    public CreateRuleOptions(string name)
        : this(name, new TrueRuleFilter())
    {
    }

    /// <summary>A rule.</summary>
    /// <param name="name">1 to 50 characters.</param>
    /// <param name="filter">What a message must satisfy.</param>
    public CreateRuleOptions(string name, RuleFilter filter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(filter);
        Name = name;
        Filter = filter;
    }

    /// <summary>One like a rule that is there.</summary>
    public CreateRuleOptions(RuleProperties rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Name = rule.Name;
        Filter = rule.Filter;
        Action = rule.Action;
    }

    /// <summary>1 to 50 characters.</summary>
    public string Name { get; set; }

    /// <summary>What a message must satisfy.</summary>
    public RuleFilter Filter { get; set; }

    /// <summary>What is changed of it, or null.</summary>
    public RuleAction Action { get; set; }
}
