using Microsoft.Azure.Functions.Worker.Context.Features;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The value that an invocation returned.</summary>
public static class FunctionContextBindingFeatureExtensions
{
    /// <exception cref="InvalidOperationException">The result is not a <typeparamref name="T"/>, or the context has no result.</exception>
    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        var feature = ResultOf(context);
        return feature.InvocationResult is T
            ? new FeatureInvocationResult<T>(feature)
            : throw new InvalidOperationException(
                $"Requested type({typeof(T)}) does not match the type of Invocation result({feature.InvocationResult?.GetType()})");
    }

    public static InvocationResult GetInvocationResult(this FunctionContext context) => new FeatureInvocationResult(ResultOf(context));

    private static IFunctionBindingsFeature ResultOf(FunctionContext context) =>
        context.Features.Get<IFunctionBindingsFeature>()
        ?? throw new InvalidOperationException($"No feature is registered with the type {typeof(IFunctionBindingsFeature)}.");

    private sealed class FeatureInvocationResult(IFunctionBindingsFeature feature) : InvocationResult
    {
        public override object? Value
        {
            get => feature.InvocationResult;
            set => feature.InvocationResult = value;
        }
    }

    private sealed class FeatureInvocationResult<T>(IFunctionBindingsFeature feature) : InvocationResult<T>
    {
        public override T? Value
        {
            get => (T?)feature.InvocationResult;
            set => feature.InvocationResult = value;
        }
    }
}
