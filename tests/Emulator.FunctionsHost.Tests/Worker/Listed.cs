using Emulator.FunctionsHost.Protocol;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>Functions as a worker lists them.</summary>
internal static class Listed
{
    /// <param name="name">Its name.</param>
    /// <param name="bindings">JSON of each, single quotes for double ones.</param>
    public static RpcFunctionMetadata Function(string name, params string[] bindings)
    {
        var function = new RpcFunctionMetadata { Name = name, FunctionId = $"id of {name}", EntryPoint = $"App.{name}", ScriptFile = "app.dll" };
        function.RawBindings.Add(bindings.Select(binding => binding.Replace('\'', '"')));
        return function;
    }

    public static RpcFunctionMetadata Timer(string name, string schedule, string more = "") =>
        Function(name, $"{{ 'name': 'timer', 'type': 'timerTrigger', 'direction': 'In', 'schedule': '{schedule}'{more} }}");

    public static RpcFunctionMetadata Queue(string name, string queue, string more = "") => Function(
        name,
        $"{{ 'name': 'message', 'type': 'serviceBusTrigger', 'direction': 'In', 'queueName': '{queue}', 'connection': 'Bus', 'cardinality': 'One', "
        + $"'properties': {{ 'supportsDeferredBinding': 'True' }}{more} }}");

    public static RpcFunctionMetadata Http(string name, string more = "") => Function(
        name, $"{{ 'name': 'request', 'type': 'httpTrigger', 'direction': 'In'{more} }}", "{ 'name': '$return', 'type': 'http', 'direction': 'Out' }");
}
