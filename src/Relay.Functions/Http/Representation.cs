using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Relay.Protocol.Text;

namespace Relay.Functions.Http;

/// <summary>
/// Sends bodies: conditional requests and ranges of what was read (RFC 9110 sections 13 and 14), no body to HEAD (section 9.3.2).
/// </summary>
/// <remarks>
/// The entity tag is strong, SHA-256 of the body. There is no modification
/// date: what is answered is what verifies now, and no store says since when;
/// conditions on a date are then ignored (sections 13.1.3 and 13.1.4). One range is served, several are answered whole (section 14.2).
/// </remarks>
internal static class Representation
{
    /// <summary>Sends the body of a response whose status and headers are set, Content-Type among them.</summary>
    public static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        var isHead = HttpMethods.IsHead(context.Request.Method);
        if (response.StatusCode == StatusCodes.Status200OK && (isHead || HttpMethods.IsGet(context.Request.Method)))
        {
            if (isHead || !IsOfBytes(context.Request)) context.Request.Headers.Remove(HeaderNames.Range);
            var tag = new EntityTagHeaderValue($"\"{Digest.Of(body.Span)}\"");
            return TypedResults.Bytes(body, response.ContentType, enableRangeProcessing: true, entityTag: tag).ExecuteAsync(context);
        }

        response.ContentLength = body.Length;
        return isHead ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    // Ranges are defined for GET alone, and a unit that is not understood must be ignored (section 14.2); the platform heeds both.
    private static bool IsOfBytes(HttpRequest request) =>
        request.Headers.Range.ToString().StartsWith("bytes=", StringComparison.OrdinalIgnoreCase);
}
