namespace Emulator.FunctionsHost.Indexing;

/// <summary>A function of the worker that this host runs.</summary>
/// <param name="Parameter">Name of the trigger's parameter.</param>
/// <param name="Retry">Null where a failed run is not tried again by the host.</param>
internal sealed record FunctionDescriptor(string Name, string Parameter, TriggerDescriptor Trigger, RetryPolicy? Retry);
