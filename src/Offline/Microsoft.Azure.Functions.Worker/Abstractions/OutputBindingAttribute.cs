namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>A return value or a property of it that is written to a service after the function ran.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public abstract class OutputBindingAttribute : BindingAttribute
{
    public OutputBindingAttribute()
    {
    }
}
