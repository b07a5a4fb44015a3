#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>A rule of a subscription.</summary>
public sealed class RuleProperties
{
    /// <summary>Name of the rule a subscription has when none was given.</summary>
    public const string DefaultRuleName = "$Default";

    internal RuleProperties(string name, RuleFilter filter, RuleAction action)
    {
        Name = name;
        Filter = filter;
        Action = action;
    }

    /// <summary>Unique within the subscription.</summary>
    public string Name { get; }

    /// <summary>What a message must satisfy.</summary>
    public RuleFilter Filter { get; set; }

    /// <summary>What is changed of it, or null.</summary>
    public RuleAction Action { get; set; }
}
