namespace Relay.Functions.Operations;

/// <summary>Declares a whole number that an HTTP function takes in the query.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it is.</param>
/// <param name="example">A good one.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class QueryAttribute(string name, string description, long example) : Attribute
{
    public string Name => name;

    public string Description => description;

    public long Example => example;

    /// <summary>True when it may be left out.</summary>
    public bool IsOptional { get; init; }
}
