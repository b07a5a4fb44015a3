using System.Collections;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Emulator.Functions.Invocation;

/// <summary>The features of one invocation. Not thread-safe, like the worker's.</summary>
internal sealed class LocalInvocationFeatures(LocalFunctionContext context) : IInvocationFeatures
{
    // GetInvocationResult asks for this interface, which is internal to the worker: it can be served by name only.
    private const string BindingsFeature = "Microsoft.Azure.Functions.Worker.Context.Features.IFunctionBindingsFeature";

    private readonly Dictionary<Type, object> _features = [];

    public void Set<T>(T instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _features[typeof(T)] = instance;
    }

    public T? Get<T>()
    {
        if (_features.TryGetValue(typeof(T), out var feature))
        {
            return (T)feature;
        }

        if (typeof(T).FullName != BindingsFeature)
        {
            return default;
        }

        var made = DispatchProxy.Create<T, BindingsFeatureProxy>();
        ((BindingsFeatureProxy)(object)made!).Context = context;
        _features[typeof(T)] = made;
        return made;
    }

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
