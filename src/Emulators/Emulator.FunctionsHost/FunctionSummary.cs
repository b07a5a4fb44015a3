namespace Emulator.FunctionsHost;

/// <summary>A function that the host runs.</summary>
/// <param name="Name">As in its <c>[Function]</c> attribute.</param>
/// <param name="Trigger">The trigger's binding type, e.g. <c>serviceBusTrigger</c>.</param>
/// <param name="Source">What starts it, for people: a queue, <c>topic/subscription</c>, methods and URL, or a schedule.</param>
public sealed record FunctionSummary(string Name, string Trigger, string Source);
