using System.Text.Json;
using Emulator.FunctionsHost.Protocol;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>Reads the worker's list of functions, and finds everything that is wrong with them.</summary>
internal sealed class FunctionIndexer(
    TriggerReader triggers, IConfiguration settings, ICollection<string> errors, ICollection<string> warnings)
{
    private readonly List<FunctionDescriptor> _functions = [];

    public IReadOnlyList<FunctionDescriptor> Index(IEnumerable<RpcFunctionMetadata> functions)
    {
        foreach (var function in functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase))
        {
            Add(function);
        }

        RefuseOverlappingRoutes();
        return _functions;
    }

    private void Add(RpcFunctionMetadata function)
    {
        var where = $"Function '{function.Name}'";
        if (IsDisabled(function.Name))
        {
            warnings.Add($"{where} is not run: the app setting 'AzureWebJobs.{function.Name}.Disabled' says so.");
            return;
        }

        if (_functions.Any(other => string.Equals(other.Name, function.Name, StringComparison.OrdinalIgnoreCase)))
        {
            errors.Add($"{where} is there twice; names are compared without regard to case.");
            return;
        }

        if (ReadTrigger(function, where) is not { } binding || triggers.Read(binding, function.Name, where) is not { } trigger) return;
        var retry = RetryPolicy.From(function.RetryOptions);
        if (retry is not null && trigger is not TimerTriggerDescriptor)
        {
            errors.Add($"{where}: a retry attribute does nothing on {trigger.Type}; only timer functions are tried again by the host.");
            return;
        }

        _functions.Add(new FunctionDescriptor(function.Name, binding.Name, trigger, retry));
    }

    private bool IsDisabled(string name) =>
        settings[$"AzureWebJobs.{name}.Disabled"] is { } text && (text == "1" || (bool.TryParse(text, out var disabled) && disabled));

    private RawBinding? ReadTrigger(RpcFunctionMetadata function, string where)
    {
        RawBinding[] bindings;
        try
        {
            bindings = [.. function.RawBindings.Select(RawBinding.Parse)];
        }
        catch (JsonException exception)
        {
            errors.Add($"{where}: its metadata is not valid: {exception.Message}");
            return null;
        }

        var before = errors.Count;
        foreach (var binding in bindings.Where(binding => !binding.IsTrigger && !(binding.IsOut && binding.Type == "http")))
        {
            errors.Add(
                $"{where}: '{binding.Name}' is a binding of type {binding.Type}, which this host does not run; use the client library.");
        }

        var found = bindings.Where(binding => binding.IsTrigger).ToArray();
        if (found.Length != 1) errors.Add($"{where}: expected one trigger, found {found.Length}.");
        return errors.Count == before ? found[0] : null;
    }

    private void RefuseOverlappingRoutes()
    {
        var taken = new Dictionary<(string Route, string Method), string>();
        foreach (var function in _functions)
        {
            if (function.Trigger is not HttpTriggerDescriptor http) continue;
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
}
