using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Indexing;

/// <summary>Finds functions and everything that is wrong with them.</summary>
internal sealed partial class FunctionIndexer(
    TriggerReader triggers, IConfiguration settings, ICollection<string> errors, ICollection<string> warnings)
{
    private readonly List<FunctionDescriptor> _functions = [];

    public IReadOnlyList<FunctionDescriptor> Index(IEnumerable<Type> types)
    {
        foreach (var type in types.Where(type => !type.IsInterface).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
            foreach (var method in type.GetMethods(All))
            {
                if (method.GetCustomAttribute<FunctionAttribute>() is { } attribute)
                {
                    AddMethod(method, attribute.Name);
                }
            }
        }

        RefuseDuplicateNames();
        RefuseOverlappingRoutes();
        return _functions;
    }

    private void AddMethod(MethodInfo method, string name)
    {
        var where = $"Function '{name}' ({method.DeclaringType!.FullName}.{method.Name})";
        if (!method.IsPublic)
        {
            warnings.Add($"{where} is not run: only public methods are.");
            return;
        }

        if (IsDisabled(name))
        {
            warnings.Add($"{where} is not run: the app setting 'AzureWebJobs.{name}.Disabled' says so.");
            return;
        }

        var before = errors.Count;
        CheckMethod(method, name, where);
        var trigger = ReadTrigger(method, name, where);
        if (trigger is null)
        {
            return;
        }

        var parameters = ParameterIndexer.Read(method, trigger, where, errors);
        if (errors.Count == before)
        {
            var definition = new LocalFunctionDefinition(name, method, trigger, parameters);
            _functions.Add(new FunctionDescriptor(name, method, trigger, parameters, definition, new MethodRunner(method)));
        }
    }

    private bool IsDisabled(string name) =>
        settings[$"AzureWebJobs.{name}.Disabled"] is { } text && (text == "1" || (bool.TryParse(text, out var disabled) && disabled));

    private void CheckMethod(MethodInfo method, string name, string where)
    {
        if (!FunctionName().IsMatch(name))
        {
            errors.Add($"{where}: a name is a letter, then at most 127 letters, digits, '_' or '-'.");
        }

        if (method.DeclaringType!.ContainsGenericParameters || method.IsGenericMethodDefinition)
        {
            errors.Add($"{where}: neither the method nor its class may be generic.");
        }

        if (!method.IsStatic && method.DeclaringType.IsAbstract)
        {
            errors.Add($"{where}: its class is abstract, so it cannot be made.");
        }

        if (method.ReturnType == typeof(void) && method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null)
        {
            errors.Add($"{where}: an async method that returns void cannot be awaited; return Task.");
        }

        if (method.GetCustomAttributes<BindingAttribute>().FirstOrDefault() is { } output)
        {
            errors.Add($"{where}: {NameOf(output)} is an output binding, which this host does not run; send with the client library.");
        }
    }

    private TriggerDescriptor? ReadTrigger(MethodInfo method, string name, string where)
    {
        var found = new List<(ParameterInfo Parameter, TriggerBindingAttribute Attribute)>();
        foreach (var parameter in method.GetParameters())
        {
            var bindings = parameter.GetCustomAttributes<BindingAttribute>().ToArray();
            if (bindings.Length > 1)
            {
                errors.Add($"{where}: parameter '{parameter.Name}' has {bindings.Length} bindings; it may have one.");
            }

            foreach (var binding in bindings)
            {
                if (binding is TriggerBindingAttribute trigger)
                {
                    found.Add((parameter, trigger));
                }
                else
                {
                    errors.Add($"{where}: parameter '{parameter.Name}' has {NameOf(binding)}, an input binding, which this host does not run.");
                }
            }
        }

        if (found.Count != 1)
        {
            errors.Add(found.Count == 0
                ? $"{where}: no parameter has a trigger."
                : $"{where}: a function has one trigger, but {string.Join(" and ", found.Select(trigger => $"'{trigger.Parameter.Name}'"))} have one each.");
            return null;
        }

        return triggers.Read(found[0].Parameter, found[0].Attribute, name, where);
    }

    private void RefuseDuplicateNames()
    {
        foreach (var same in _functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            var places = string.Join(" and ", same.Select(function => function.Definition.EntryPoint));
            errors.Add($"Function name '{same.Key}' is used by {places}; names are compared without regard to case.");
        }
    }

    private void RefuseOverlappingRoutes()
    {
        var taken = new Dictionary<(string Route, string Method), string>();
        foreach (var function in _functions)
        {
            if (function.Trigger is not HttpTriggerDescriptor http)
            {
                continue;
            }

            foreach (var method in http.Methods.DefaultIfEmpty("*"))
            {
                var key = (http.Route.ToUpperInvariant(), method);
                if (!taken.TryAdd(key, function.Name))
                {
                    errors.Add($"Functions '{taken[key]}' and '{function.Name}' both answer {http.Describe()}.");
                }
            }
        }
    }

    private static string NameOf(BindingAttribute binding) => binding.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal);

    // The rule of the Functions host; 'host' is its own word for itself.
    [GeneratedRegex("^(?!(?:host)$)[a-z][a-z0-9_-]{0,127}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FunctionName();
}
