using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Functions.Http;

namespace Relay.Functions.Reading;

/// <summary>An HTTP answer of bytes that stand for themselves: a tile, a checkpoint, a receipt.</summary>
/// <param name="status">Status code.</param>
/// <param name="body">The bytes.</param>
/// <param name="contentType">Media type.</param>
/// <param name="cacheControl">Value of Cache-Control.</param>
public sealed class BytesAnswer(int status, ReadOnlyMemory<byte> body, string contentType, string cacheControl) : IActionResult
{
    /// <summary>Never changes under its name; only for the caller, as it had to be named.</summary>
    public const string Immutable = "private, max-age=31536000, immutable";

    /// <summary>May be another at any time.</summary>
    public const string Changing = "private, no-cache";

    public int Status => status;

    public ReadOnlyMemory<byte> Body => body;

    public string CacheControl => cacheControl;

    /// <summary>Value of <c>Relay-Checkpoint-Key</c>, the certificate of the key that signed; null for none.</summary>
    public string? CheckpointKey { get; init; }

    /// <summary>Value of the Location header; null for none.</summary>
    public string? Location { get; init; }

    /// <summary>Value of <c>Preference-Applied</c> (RFC 7240); null for none.</summary>
    public string? PreferenceApplied { get; init; }

    /// <inheritdoc/>
    public Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.HttpContext.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = cacheControl;
        response.Headers.XContentTypeOptions = "nosniff";
        if (CheckpointKey is not null) response.Headers["Relay-Checkpoint-Key"] = CheckpointKey;
        if (Location is not null) response.Headers.Location = Location;
        if (PreferenceApplied is not null) response.Headers["Preference-Applied"] = PreferenceApplied;
        return Representation.SendAsync(context.HttpContext, body);
    }
}
