using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Functions.Http;

namespace Relay.Functions.Dashboard;

/// <summary>An HTTP answer of a page, kept to what its policy allows.</summary>
/// <param name="html">The page, UTF-8.</param>
/// <param name="policy">Value of Content-Security-Policy.</param>
internal sealed class PageAnswer(ReadOnlyMemory<byte> html, string policy) : IActionResult
{
    /// <inheritdoc/>
    public Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.HttpContext.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return Representation.SendAsync(context.HttpContext, html);
    }
}
