namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>Root of every binding. A binding derives from it through one of the three classes beside it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class BindingAttribute : Attribute
{
    public BindingAttribute()
    {
    }
}
