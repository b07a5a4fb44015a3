using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Http;

/// <summary>An HTTP answer with a JSON body. Writes it itself, so that it needs no formatter and no content negotiation: there is one form.</summary>
/// <param name="status">Status code.</param>
/// <param name="body">Serialised with web defaults, nulls left out.</param>
/// <param name="contentType">Media type.</param>
public sealed class JsonAnswer(int status, object body, string contentType = "application/json") : IActionResult
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public int Status => status;

    public object Body => body;

    public string ContentType => contentType;

    /// <summary>Value of the Location header; null for none.</summary>
    public string? Location { get; init; }

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
    public async Task WriteAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        if (Challenge) response.Headers.WWWAuthenticate = "Bearer";
        if (Location is not null) response.Headers.Location = Location;
        if (RetryAfter is { } delay) response.Headers.RetryAfter = ((int)Math.Ceiling(delay.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Options), context.RequestAborted);
    }
}
