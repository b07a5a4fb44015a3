using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Http;

/// <summary>Reads request bodies within a bound; the buffer grows with what has come, not with what was announced.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 8 * 1_024;

    /// <summary>Reads it and has it answered; answers itself what cannot be read to its end.</summary>
    /// <param name="request">The request; its body is read at most one byte past the bound.</param>
    /// <param name="maxBytes">The bound.</param>
    /// <param name="take">Answers it.</param>
    /// <param name="oversize">Answers what is longer, by the bytes that came or were announced.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static async Task<IActionResult> TakeAsync(
        HttpRequest request,
        int maxBytes,
        Func<ReadOnlyMemory<byte>, Task<IActionResult>> take,
        Func<long, IActionResult> oversize,
        CancellationToken cancellationToken)
    {
        try
        {
            var (body, came) = await ReadAsync(request, maxBytes, cancellationToken);
            return body is { } whole ? await take(whole) : oversize(came);
        }
        catch (BadHttpRequestException e)
        {
            return Problems.UnreadableBody(e.StatusCode);
        }
    }

    /// <param name="request">The request; its body is read at most one byte past the bound.</param>
    /// <param name="maxBytes">The bound.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>The body, or null with how many bytes were announced or,
    /// without an announcement, had come when the bound was passed.</returns>
    private static async Task<(ReadOnlyMemory<byte>? Body, long Came)> ReadAsync(
        HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } announced && announced > maxBytes) return (null, announced);
        var buffer = new byte[Math.Min(FirstBuffer, maxBytes + 1)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length > maxBytes) return (null, length);
                Array.Resize(ref buffer, (int)Math.Min((long)buffer.Length * 2, maxBytes + 1));
            }

            var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0) return (buffer.AsMemory(0, length), length);
            length += read;
        }
    }
}
