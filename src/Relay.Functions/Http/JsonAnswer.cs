using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Http;

/// <summary>An HTTP answer with a JSON body. Writes it itself: there is one form, so no formatter and no content negotiation.</summary>
/// <param name="status">Status code.</param>
/// <param name="body">Serialised with web defaults, nulls left out.</param>
/// <param name="contentType">Media type.</param>
public sealed class JsonAnswer(int status, object body, string contentType = "application/json") : IActionResult
{
    // A problem is over in a moment, and 404 and 405 may otherwise be kept by a cache's own reckoning (RFC 9111 section 4.2.2).
    private const string NotKept = "no-store";

    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public int Status => status;

    public object Body => body;

    public string ContentType => contentType;

    /// <summary>Value of Cache-Control; an answer that is not 200 is never kept.</summary>
    public string CacheControl { get; init; } = status == StatusCodes.Status200OK ? Reading.BytesAnswer.Changing : NotKept;

    /// <summary>Value of the Location header; null for none.</summary>
    public string? Location { get; init; }

    /// <summary>Value of the Allow header; null for none.</summary>
    public string? Allow { get; init; }

    /// <summary>Value of the Accept-Encoding header, codings that a request may have (RFC 9110 section 12.5.3); null for none.</summary>
    public string? AcceptEncoding { get; init; }

    /// <summary>True to say how a caller may prove itself (RFC 9110 section 11.6.1).</summary>
    public bool Challenge { get; init; }

    /// <summary>Value of the Retry-After header in whole seconds; null for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <inheritdoc/>
    public Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WriteAsync(context.HttpContext);
    }

    /// <summary>Writes the answer; the response must not have started.</summary>
    public Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = CacheControl;
        response.Headers.XContentTypeOptions = "nosniff";
        if (Challenge) response.Headers.WWWAuthenticate = "Bearer";
        if (Location is not null) response.Headers.Location = Location;
        if (Allow is not null) response.Headers.Allow = Allow;
        if (AcceptEncoding is not null) response.Headers.AcceptEncoding = AcceptEncoding;
        if (RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return Representation.SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(body, Options));
    }
}
