using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Emulator.Functions.Invocation;

namespace Emulator.Functions.Triggers.Http;

/// <summary>One request for one invocation; writes what the function returned.</summary>
internal sealed class HttpTriggerInput(HttpContext http, ILogger logger) : TriggerInput
{
    // What the official extension's GetHttpContext reads.
    private const string HttpContextKey = "HttpRequestContext";

    private readonly IServiceProvider _requestServices = http.RequestServices;

    public override string? TraceParent => Activity.Current?.Id ?? http.Request.Headers.TraceParent;

    public override string? TraceState => Activity.Current is { } current ? current.TraceStateString : http.Request.Headers.TraceState.ToString();

    public override object ValueAs(Type type) => http.Request;

    public override IReadOnlyDictionary<string, object?> ReadBindingData()
    {
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in http.Request.Query)
        {
            data[name] = value.ToString();
        }

        foreach (var (name, value) in http.Request.RouteValues)
        {
            data[name] = value;
        }

        return data;
    }

    public override void Begin(LocalFunctionContext context)
    {
        context.Items[HttpContextKey] = http;
        http.RequestServices = context.InstanceServices;
    }

    public override async Task HandleResultAsync(LocalFunctionContext context)
    {
        switch (context.Result)
        {
            case IActionResult action:
                await action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())).ConfigureAwait(false);
                break;
            case IResult result:
                await result.ExecuteAsync(http).ConfigureAwait(false);
                break;
            case null:
                break;
            default:
                FunctionsHostLog.ResultNotWritten(logger, context.Function.Name, context.InvocationId, context.Result.GetType().Name);
                break;
        }
    }

    // The invocation's services are disposed by now.
    public override void End() => http.RequestServices = _requestServices;
}
