using Microsoft.AspNetCore.Http;

namespace Relay.Functions.Http;

/// <summary>Reads request bodies within a bound; the buffer grows with what has come, not with what was announced.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 8 * 1_024;

    /// <param name="request">The request; its body is read at most one byte past the bound.</param>
    /// <param name="maxBytes">The bound.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>The body, or null with how many bytes were announced or,
    /// without an announcement, had come when the bound was passed.</returns>
    public static async Task<(ReadOnlyMemory<byte>? Body, long Came)> ReadAsync(
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
