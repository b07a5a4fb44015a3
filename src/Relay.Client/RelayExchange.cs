using System.Net;
using System.Net.Http.Headers;

namespace Relay.Client;

/// <summary>
/// One HTTP exchange with the relay under one deadline, from the first byte of the request
/// to the last of the answer: a peer that stops in the middle keeps nobody waiting.
/// </summary>
/// <param name="client">Whoever made it disposes it.</param>
/// <param name="deadline">For all of it; the client's own time-out ends with the answer's head.</param>
/// <param name="time">The clock.</param>
internal sealed class RelayExchange(HttpClient client, TimeSpan deadline, TimeProvider time)
{
    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">Disposed by the caller.</param>
    /// <param name="maxBytes">Most bytes of an answer's body that are read.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="HttpRequestException">Whatever kept the answer from coming, whole and in time; its message says what.</exception>
    public async Task<RelayAnswer> SendAsync(HttpRequestMessage request, int maxBytes, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using var response = await client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            var body = await ReadAsync(response.Content, maxBytes, both.Token).ConfigureAwait(false);
            return new RelayAnswer(response.StatusCode, response.Headers, body);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Our deadline, or the time-out of the client that we were given.
            throw new HttpRequestException(
                $"expected a whole answer from {client.BaseAddress} within {deadline.TotalSeconds:0} s, it did not come", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"expected a whole answer from {client.BaseAddress}, it was cut off: {e.Message}", e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var buffer = new MemoryStream();
            var chunk = new byte[16 * 1024];
            while (await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                if (buffer.Length + read > maxBytes) return null;
                buffer.Write(chunk, 0, read);
            }
            return buffer.ToArray();
        }
    }
}

/// <summary>A whole answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body; null when it is longer than was to be read.</param>
internal sealed record RelayAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, ReadOnlyMemory<byte>? Body);
