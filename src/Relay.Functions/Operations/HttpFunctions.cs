using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Functions.Operations;

/// <summary>The HTTP functions of the app, found by their attributes.</summary>
public static class HttpFunctions
{
    private static readonly FrozenDictionary<string, HttpFunction> ByName = Of(typeof(HttpFunctions).Assembly)
        .ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>All of them, by route.</summary>
    public static IReadOnlyList<HttpFunction> All { get; } = [.. ByName.Values.OrderBy(function => function.Route, StringComparer.Ordinal)];

    /// <summary>Finds one by its function's name; false when no HTTP function has that name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out HttpFunction? function) => ByName.TryGetValue(name, out function);

    private static IEnumerable<HttpFunction> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is not null
        let operations = method.GetCustomAttributes<OperationAttribute>()
        select new HttpFunction(function.Name, trigger.Route ?? function.Name, [.. operations], method);
}
