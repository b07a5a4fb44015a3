namespace Microsoft.Azure.Functions.Worker;

/// <summary>Objects of an invocation, one per type.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    void Set<T>(T instance);

    /// <returns>The object stored for <typeparamref name="T"/>, or its default value where there is none.</returns>
    T? Get<T>();
}
