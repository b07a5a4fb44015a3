namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>Runs around every invocation. One instance serves all of them.</summary>
public interface IFunctionsWorkerMiddleware
{
#pragma warning disable VSTHRD200 // The official name has no Async suffix.
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
#pragma warning restore VSTHRD200
}
