namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>A parameter whose value starts the function; a function has exactly one.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class TriggerBindingAttribute : BindingAttribute
{
    public TriggerBindingAttribute()
    {
    }
}
