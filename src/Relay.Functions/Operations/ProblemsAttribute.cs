namespace Relay.Functions.Operations;

/// <summary>
/// Declares with which statuses an HTTP function refuses, each with problem details. What the gate before it answers, and 500, need not be
/// declared.
/// </summary>
/// <param name="statuses">400 to 599.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProblemsAttribute(params int[] statuses) : Attribute
{
    public IReadOnlyList<int> Statuses => statuses;
}
