using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Emulator.Functions.Indexing;

/// <summary>One function, checked and ready to run.</summary>
internal sealed record FunctionDescriptor(
    string Name, MethodInfo Method, TriggerDescriptor Trigger, IReadOnlyList<ParameterBinding> Parameters, FunctionDefinition Definition, MethodRunner Runner)
{
    public FunctionSummary ToSummary() => new(Name, Trigger.Type, Trigger.Describe());
}
