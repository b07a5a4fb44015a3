namespace Emulator.ServiceBus.Topology;

/// <summary>One rule of a subscription: a filter and perhaps an action.</summary>
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

    /// <summary>
    /// SQL action run on a copy of its own, or null: <c>SET property = expression</c>
    /// and <c>REMOVE property</c>, at most 32 statements and 1024 characters.
    /// </summary>
    public string? ActionSqlExpression { get; init; }

    /// <summary>When it was made, for reports; null for when its subscription was.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Values of <c>@name</c> in the action, as <see cref="SqlFilter.Parameters"/>; null for none.</summary>
    public IReadOnlyDictionary<string, object>? ActionParameters { get; init; }
}
