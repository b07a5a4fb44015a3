using Microsoft.Azure.Functions.Worker;
using Emulator.Functions.Indexing;

namespace Emulator.Functions.Invocation;

/// <summary>The context of one invocation.</summary>
internal sealed class LocalFunctionContext : FunctionContext
{
    private BindingContext? _bindingContext;

    public LocalFunctionContext(
        FunctionDescriptor function,
        string invocationId,
        TriggerInput input,
        TraceContext trace,
        IServiceProvider services,
        CancellationToken cancellationToken)
    {
        Function = function;
        Input = input;
        InvocationId = invocationId;
        TraceContext = trace;
        InstanceServices = services;
        CancellationToken = cancellationToken;
        Features = new LocalInvocationFeatures(this);
    }

    public FunctionDescriptor Function { get; }

    public TriggerInput Input { get; }

    /// <summary>What the function returned, or what middleware put in its place.</summary>
    public object? Result { get; set; }

    public override string InvocationId { get; }

    public override string FunctionId => FunctionDefinition.Id;

    public override TraceContext TraceContext { get; }

    public override BindingContext BindingContext => _bindingContext ??= new LocalBindingContext(Input.ReadBindingData());

    public override RetryContext RetryContext => LocalRetryContext.FirstTry;

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition => Function.Definition;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; }

    public override CancellationToken CancellationToken { get; }

    private sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = data;
    }

    // No trigger of this host has a retry policy: Service Bus and HTTP have none anywhere, the timer's is not run here.
    private sealed class LocalRetryContext : RetryContext
    {
        public static readonly LocalRetryContext FirstTry = new();

        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }
}
