using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Emulator.Functions.Indexing;

namespace Emulator.Functions.Invocation;

/// <summary>What middleware sees of a function.</summary>
internal sealed class LocalFunctionDefinition : FunctionDefinition
{
    public LocalFunctionDefinition(string name, MethodInfo method, TriggerDescriptor trigger, IReadOnlyList<ParameterBinding> parameters)
    {
        Name = name;
        PathToAssembly = method.DeclaringType!.Assembly.Location;
        EntryPoint = $"{method.DeclaringType.FullName}.{method.Name}";
        Parameters = [.. parameters.Select(parameter => new FunctionParameter(parameter.Name, parameter.Type, parameter.HasDefault, parameter.Default))];
        var triggered = method.GetParameters().First(parameter => parameter.GetCustomAttribute<TriggerBindingAttribute>() is not null);
        InputBindings = ImmutableDictionary<string, BindingMetadata>.Empty.Add(
            triggered.Name!, new LocalBindingMetadata(triggered.Name!, trigger.Type, BindingDirection.In));
        OutputBindings = trigger is HttpTriggerDescriptor
            ? ImmutableDictionary<string, BindingMetadata>.Empty.Add("$return", new LocalBindingMetadata("$return", "http", BindingDirection.Out))
            : ImmutableDictionary<string, BindingMetadata>.Empty;
    }

    public override ImmutableArray<FunctionParameter> Parameters { get; }

    public override string PathToAssembly { get; }

    public override string EntryPoint { get; }

    /// <summary>The name: it is unique, and a reader of logs can tell what it means.</summary>
    public override string Id => Name;

    public override string Name { get; }

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }

    private sealed class LocalBindingMetadata(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name { get; } = name;

        public override string Type { get; } = type;

        public override BindingDirection Direction { get; } = direction;
    }
}
