using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Http;

/// <summary>
/// Which methods a resource answers (RFC 9110 section 9). The triggers name none, because where they do the host answers others 404, as if
/// there were no such resource; here it is 405 with <c>Allow</c> (section 15.5.6), and OPTIONS says the same (section 9.3.7).
/// </summary>
public static class AllowedMethods
{
    private const string Reading = "GET, HEAD, OPTIONS";
    private const string Putting = "PUT, OPTIONS";
    private const string Submitting = "POST, OPTIONS";

    /// <summary>The answer to a method that a read-only resource has not; null for GET and HEAD.</summary>
    public static IActionResult? RefuseUnlessRead(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) ? null : Refuse(request, Reading);
    }

    /// <summary>The answer to a method other than POST; null for POST.</summary>
    public static IActionResult? RefuseUnlessPost(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return HttpMethods.IsPost(request.Method) ? null : Refuse(request, Submitting);
    }

    /// <summary>The answer to a method other than PUT; null for PUT.</summary>
    public static IActionResult? RefuseUnlessPut(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return HttpMethods.IsPut(request.Method) ? null : Refuse(request, Putting);
    }

    private static IActionResult Refuse(HttpRequest request, string allowed) => HttpMethods.IsOptions(request.Method)
        ? new EmptyAnswer(allowed)
        : Problems.MethodNotAllowed(allowed);

    private sealed class EmptyAnswer(string allowed) : IActionResult
    {
        public Task ExecuteResultAsync(ActionContext context)
        {
            context.HttpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            context.HttpContext.Response.Headers.Allow = allowed;
            return Task.CompletedTask;
        }
    }
}
