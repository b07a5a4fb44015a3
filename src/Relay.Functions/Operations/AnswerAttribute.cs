namespace Relay.Functions.Operations;

/// <summary>Declares an answer of an HTTP function that is no problem; those are declared by <see cref="ProblemsAttribute"/>.</summary>
/// <param name="status">Status, 200 to 299.</param>
/// <param name="mediaType">Media type of the body.</param>
/// <param name="description">What the caller has with it.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class AnswerAttribute(int status, string mediaType, string description) : Attribute
{
    public int Status => status;

    public string MediaType => mediaType;

    public string Description => description;

    /// <summary>Of a JSON body; null for text and bytes.</summary>
    public Type? Body { get; init; }

    /// <summary>The one operation whose answer it is; null for all of the function's.</summary>
    public string? Method { get; init; }
}
