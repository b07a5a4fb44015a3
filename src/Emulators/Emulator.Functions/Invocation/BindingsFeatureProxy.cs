using System.Reflection;

namespace Emulator.Functions.Invocation;

/// <summary>Serves the worker's internal bindings feature: the invocation's result can be read and replaced, there are no output bindings.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class BindingsFeatureProxy : DispatchProxy
#pragma warning restore CA1852
{
    public LocalFunctionContext Context { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod?.Name)
        {
            case "get_InvocationResult":
                return Context.Result;
            case "set_InvocationResult":
                Context.Result = args![0];
                return null;
            case "get_InputData" or "get_TriggerMetadata":
                return Context.BindingContext.BindingData;
            case "get_OutputBindingData":
                return new Dictionary<string, object?>();
            default:
                throw new NotSupportedException($"{targetMethod?.Name} of the bindings feature is not served by this host.");
        }
    }
}
