using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The ASP.NET request behind an invocation.</summary>
public static class FunctionContextExtensions
{
    // The key of the official package: what it stores there this finds, and the other way round.
    private const string HttpContextKey = "HttpRequestContext";

    /// <returns>The request's context, or null where the function was not started over HTTP.</returns>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(HttpContextKey, out var value) ? value as HttpContext : null;
}
