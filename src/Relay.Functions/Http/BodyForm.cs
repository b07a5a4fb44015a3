using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Relay.Functions.Http;

/// <summary>
/// What a request's headers say its body is. An envelope's media type need not
/// be named; one that says that the body is something else is refused unread.
/// </summary>
internal static class BodyForm
{
    /// <summary>Null when the body may be an envelope as it is, else 415 (RFC 9110 section 15.5.16).</summary>
    public static JsonAnswer? Refuse(HttpRequest request)
    {
        foreach (var coding in request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding))
        {
            if (!coding.Equals("identity", StringComparison.OrdinalIgnoreCase)) return Problems.UnsupportedCoding(Shown(coding));
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) return null;
        if (type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase))
        {
            return Problems.UnsupportedType($"the envelope alone as the body, got {Shown(type.MediaType.Value!)}: send the file itself");
        }

        return type.Charset.HasValue && !IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset).Value!)
            ? Problems.UnsupportedType($"UTF-8, got charset {Shown(type.Charset.Value!)}")
            : null;
    }

    // US-ASCII is a part of it.
    private static bool IsUtf8(string charset) => charset.ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII";

    private static string Shown(string header) => header.Length <= 64 ? header : header[..64] + "...";
}
