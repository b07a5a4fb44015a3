namespace Microsoft.Azure.Functions.Worker;

/// <summary>The trigger's metadata by name.</summary>
public abstract class BindingContext
{
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
