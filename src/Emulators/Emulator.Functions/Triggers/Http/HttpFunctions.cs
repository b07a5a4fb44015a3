using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Emulator.Functions.Indexing;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.Http;

/// <summary>Maps HTTP functions to routes. Unknown paths and methods are ASP.NET's 404 and 405.</summary>
/// <param name="stopping">Signalled when the host stops; functions see it, and the client's going away, as one token.</param>
internal sealed class HttpFunctions(FunctionInvoker invoker, FunctionKey key, ILogger<HttpFunctions> logger, CancellationToken stopping)
{
    public void Map(IEndpointRouteBuilder routes, FunctionDescriptor function)
    {
        var trigger = (HttpTriggerDescriptor)function.Trigger;
        RequestDelegate handler = http => HandleAsync(http, function, trigger);
        var endpoint = trigger.Methods.Count == 0 ? routes.Map(trigger.Route, handler) : routes.MapMethods(trigger.Route, trigger.Methods, handler);
        endpoint.WithDisplayName(function.Name);
    }

    private async Task HandleAsync(HttpContext http, FunctionDescriptor function, HttpTriggerDescriptor trigger)
    {
        if (!key.Admits(trigger.Level, http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await invoker.InvokeAsync(function, new HttpTriggerInput(http, logger), linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Logged by the invoker; for the caller it is a 500.
            Fail(http, exception);
        }
    }

    // No detail of the exception goes to the caller.
    private static void Fail(HttpContext http, Exception exception)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
    }
}
