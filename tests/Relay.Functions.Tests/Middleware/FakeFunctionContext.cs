using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Functions.Tests.Middleware;

/// <summary>What the middleware reads of an invocation.</summary>
internal sealed class FakeFunctionContext : FunctionContext
{
    private readonly CancellationToken _cancellationToken;

    public FakeFunctionContext(
        HttpContext? http = null,
        string name = "Fake",
        IReadOnlyDictionary<string, object?>? bindingData = null,
        CancellationToken cancellationToken = default)
    {
        _cancellationToken = cancellationToken;
        FunctionDefinition = new Definition(name);
        BindingContext = new Binding(bindingData ?? new Dictionary<string, object?>());
        // The key under which the worker's ASP.NET Core integration keeps the request.
        if (http is not null) Items["HttpRequestContext"] = http;
    }

    public override string InvocationId => "invocation";

    public override string FunctionId => "function";

    public override TraceContext TraceContext => throw new NotSupportedException();

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext => throw new NotSupportedException();

    public override IServiceProvider InstanceServices { get; set; } = null!;

    public override FunctionDefinition FunctionDefinition { get; }

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features => throw new NotSupportedException();

    public override CancellationToken CancellationToken => _cancellationToken;

    private sealed class Binding(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class Definition(string name) : FunctionDefinition
    {
        public override ImmutableArray<FunctionParameter> Parameters => [];

        public override string PathToAssembly => "";

        public override string EntryPoint => "";

        public override string Id => "function";

        public override string Name => name;

        public override IImmutableDictionary<string, BindingMetadata> InputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;

        public override IImmutableDictionary<string, BindingMetadata> OutputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;
    }
}
