using Microsoft.Azure.Functions.Worker;

namespace Emulator.Functions.Invocation;

/// <summary>What a trigger brings to one invocation. Used once, by one invocation at a time.</summary>
internal abstract class TriggerInput
{
    /// <summary>W3C traceparent of whoever caused the invocation; null when unknown. Not yet checked.</summary>
    public virtual string? TraceParent => null;

    public virtual string? TraceState => null;

    /// <summary>Null for triggers without messages.</summary>
    public virtual ServiceBusMessageActions? MessageActions => null;

    /// <summary>The trigger parameter's value in one of the types the index allows.</summary>
    public abstract object ValueAs(Type type);

    /// <summary>The trigger's metadata by name, without regard to case.</summary>
    public abstract IReadOnlyDictionary<string, object?> ReadBindingData();

    /// <summary>Runs before the first middleware.</summary>
    public virtual void Begin(LocalFunctionContext context)
    {
    }

    /// <summary>Runs after the last middleware returned without an exception, the invocation's services still there.</summary>
    public virtual Task HandleResultAsync(LocalFunctionContext context) => Task.CompletedTask;

    /// <summary>Runs last, whatever happened.</summary>
    public virtual void End()
    {
    }
}
