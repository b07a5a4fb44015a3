namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>A parameter filled from a service that is not the trigger.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class InputBindingAttribute : BindingAttribute
{
    public InputBindingAttribute()
    {
    }
}
