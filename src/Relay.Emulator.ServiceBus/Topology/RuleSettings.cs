namespace Relay.Emulator.ServiceBus.Topology;

/// <summary>One rule of a subscription: a filter and, later, an action.</summary>
public sealed record RuleSettings
{
    /// <summary>Name of the rule a subscription has when none was given.</summary>
    public const string DefaultName = "$Default";

    /// <summary>The rule a subscription has when none was given.</summary>
    public static RuleSettings MatchAll { get; } = new() { Name = DefaultName, Filter = TrueFilter.Instance };

    /// <summary>1 to 50 characters, unique within the subscription.</summary>
    public required string Name { get; init; }

    /// <summary>What a message must satisfy.</summary>
    public required RuleFilter Filter { get; init; }

    /// <summary>SQL action run on the copy, or null. Not implemented: refused by validation.</summary>
    public string? ActionSqlExpression { get; init; }
}
