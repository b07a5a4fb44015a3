namespace Relay.Functions.Operations;

/// <summary>Declares the body that an HTTP function takes with POST or PUT.</summary>
/// <param name="mediaType">Its media type.</param>
/// <param name="description">What it is.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TakesAttribute(string mediaType, string description) : Attribute
{
    public string MediaType => mediaType;

    public string Description => description;

    /// <summary>Of a JSON body; null for what is a format of its own.</summary>
    public Type? Body { get; init; }
}
