namespace Microsoft.Azure.Functions.Worker;

/// <summary>One binding of a function, such as <c>serviceBusTrigger</c>.</summary>
public abstract class BindingMetadata
{
    public abstract string Name { get; }

    public abstract string Type { get; }

    public abstract BindingDirection Direction { get; }
}
