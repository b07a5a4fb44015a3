using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;

namespace Relay.Functions.Middleware;

/// <summary>
/// The one gate of every HTTP call: its function is not reached before it is established who calls, and that the operation is declared for
/// them (<see cref="OperationAttribute"/>). Other triggers pass: the bus has let their producers in.
/// </summary>
public sealed class CallerMiddleware(CallGuard guard, CallTelemetry telemetry, UnprovedPace pace) : IFunctionsWorkerMiddleware
{
    /// <summary>
    /// Key of <see cref="HttpContext.Items"/> under which stands which operator calls: <see cref="CallDecision.Principal"/>.
    /// </summary>
    internal const string Principal = "relay.principal";

    private const string Negotiation = "negotiation";

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">An HTTP function is called without a request to judge.</exception>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var isDeclared = HttpFunctions.TryFind(context.FunctionDefinition.Name, out var function);
        var http = context.GetHttpContext();
        if (http is null && isDeclared) throw new InvalidOperationException("expected the request of an HTTP function, got none");
        if (http is null || await RefuseAsync(context, http, function) is not { } refusal) await next(context);
        else await refusal.ExecuteResultAsync(new ActionContext { HttpContext = http });
    }

    private async Task<IActionResult?> RefuseAsync(FunctionContext context, HttpContext http, HttpFunction? function)
    {
        var operation = function?.Find(http.Request.Method);
        if (function is { Operations.Count: > 0 } && operation is null) return AllowedMethods.Refuse(http.Request, function.Allow);
        var unproved = pace.Begin();
        var decision = await guard.DecideAsync(
            http, operation?.Callers ?? CallerKind.Nobody, NegotiationOf(context, function), context.CancellationToken);
        telemetry.Decided($"{operation?.Method ?? "any"} {function?.Name ?? "unknown"}", decision);
        if (decision.Verdict == CallVerdict.Allowed)
        {
            http.Items[Principal] = decision.Principal;
            return null;
        }

        // Whether there is such a negotiation is not told, nor how long it took to find that out.
        if (decision.Verdict is CallVerdict.NotACaller or CallVerdict.DirectoryUnavailable)
        {
            await unproved.EndAsync(context.CancellationToken);
        }

        var (status, reason, _) = CallTable.For(decision.Verdict);
        return Problems.Create(status, reason, decision.Verdict.ToString(), decision.Detail, null);
    }

    // What the function's own parameter is bound from, so that what is judged is what is used: "" when the host did not say it.
    private static string? NegotiationOf(FunctionContext context, HttpFunction? function) =>
        function is null || !function.Route.Contains($"{{{Negotiation}}}", StringComparison.Ordinal)
            ? null
            : context.BindingContext.BindingData.GetValueOrDefault(Negotiation) as string ?? "";
}
