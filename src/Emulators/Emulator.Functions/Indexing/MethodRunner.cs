using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Emulator.Functions.Indexing;

/// <summary>Makes a function class and runs its method, whatever awaitable it returns. Exceptions come out as they were thrown.</summary>
internal sealed class MethodRunner
{
    private readonly MethodInvoker _invoker;
    private readonly ObjectFactory? _factory;
    private readonly Func<object?, ValueTask<object?>> _finish;

    public MethodRunner(MethodInfo method)
    {
        _invoker = MethodInvoker.Create(method);
        _factory = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.ReflectedType!, Type.EmptyTypes);
        _finish = FinisherOf(method.ReturnType);
    }

    /// <summary>The function class is made anew and, as in the cloud, not disposed: what needs disposal belongs in the services.</summary>
    public ValueTask<object?> RunAsync(IServiceProvider services, object?[] arguments) =>
        _finish(_invoker.Invoke(_factory?.Invoke(services, null), arguments.AsSpan()));

    private static Func<object?, ValueTask<object?>> FinisherOf(Type type)
    {
        if (type == typeof(Task))
        {
            return static async returned =>
            {
                await ((Task)returned!).ConfigureAwait(false);
                return null;
            };
        }

        if (type == typeof(ValueTask))
        {
            return static async returned =>
            {
                await ((ValueTask)returned!).ConfigureAwait(false);
                return null;
            };
        }

        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var name = generic == typeof(Task<>) ? nameof(OfTaskAsync) : generic == typeof(ValueTask<>) ? nameof(OfValueTaskAsync) : null;
        return name is null
            ? static returned => ValueTask.FromResult(returned)
            : typeof(MethodRunner).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GetGenericArguments()).CreateDelegate<Func<object?, ValueTask<object?>>>();
    }

    private static async ValueTask<object?> OfTaskAsync<T>(object? returned) => await ((Task<T>)returned!).ConfigureAwait(false);

    private static async ValueTask<object?> OfValueTaskAsync<T>(object? returned) => await ((ValueTask<T>)returned!).ConfigureAwait(false);
}
