using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Http;

/// <summary>
/// What a method is answered that a resource has not (RFC 9110 section 9). The triggers name none, because where they do the host answers
/// others 404, as if there were no such resource; here it is 405 with <c>Allow</c> (section 15.5.6), and OPTIONS says the same
/// (section 9.3.7).
/// </summary>
public static class AllowedMethods
{
    /// <summary>The answer to a method that is not allowed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="allowed">Value of <c>Allow</c>.</param>
    public static IActionResult Refuse(HttpRequest request, string allowed)
    {
        ArgumentNullException.ThrowIfNull(request);
        return HttpMethods.IsOptions(request.Method) ? new EmptyAnswer(allowed) : Problems.MethodNotAllowed(allowed);
    }

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
