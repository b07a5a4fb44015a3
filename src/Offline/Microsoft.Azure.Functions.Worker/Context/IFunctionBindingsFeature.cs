namespace Microsoft.Azure.Functions.Worker.Context.Features;

// Internal in the official package too, under this very name: a host outside the package can only supply it by name.
internal interface IFunctionBindingsFeature
{
    object? InvocationResult { get; set; }
}
