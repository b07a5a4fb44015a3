using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;

namespace Relay.Functions.Middleware;

/// <summary>
/// The last to see an exception nobody expected: logs it once; an HTTP caller gets a 500 that says nothing of the inside, every other
/// trigger gets the exception, so that the host abandons the message.
/// </summary>
public sealed class UnexpectedExceptionMiddleware(ILogger<UnexpectedExceptionMiddleware> logger) : IFunctionsWorkerMiddleware
{
    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            FunctionsLog.Cancelled(logger, context.FunctionDefinition.Name, context.InvocationId);
            throw;
        }
        catch (Exception e)
        {
            FunctionsLog.Unexpected(logger, context.FunctionDefinition.Name, context.InvocationId, e);
            if (context.GetHttpContext() is not { } http) throw;
            if (http.RequestAborted.IsCancellationRequested) return;
            if (http.Response.HasStarted) throw;
            http.Response.Clear();
            await Problems.Unexpected().WriteAsync(http);
        }
    }
}
