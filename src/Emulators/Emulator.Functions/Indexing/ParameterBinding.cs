namespace Emulator.Functions.Indexing;

/// <summary>Where a parameter's value comes from.</summary>
internal enum ParameterSource
{
    /// <summary>The trigger: the message, the request, the timer.</summary>
    Trigger,
    FunctionContext,
    CancellationToken,
    MessageActions,

    /// <summary>A datum of the trigger by the parameter's name: a route or query value, a message property.</summary>
    BindingData,
}

/// <summary>One parameter of a function's method, in its place.</summary>
internal sealed record ParameterBinding(string Name, Type Type, ParameterSource Source, bool HasDefault, object? Default);
