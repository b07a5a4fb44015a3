namespace Relay.Functions.Operations;

/// <summary>Declares a whole number, or a text, that an HTTP function takes in the query.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it is.</param>
/// <param name="example">A good number; not looked at for a text.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class QueryAttribute(string name, string description, long example = 0) : Attribute
{
    public string Name => name;

    public string Description => description;

    public long Example => example;

    /// <summary>A good text; null for a number.</summary>
    public string? Text { get; init; }

    /// <summary>True when it may be left out.</summary>
    public bool IsOptional { get; init; }
}
