using System.Net;
using System.Text.Json;
using Relay.Client.Ledger;

namespace Relay.Cli.Watching;

/// <summary>The relay's figures over its HTTP API. The caller disposes the client.</summary>
internal sealed class StatsLog(HttpClient client, TimeProvider time)
{
    // 500 negotiations with their minutes are some 200 KB.
    private const int MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>What a route answers.</summary>
    /// <param name="path">Below <c>api/</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null for 404.</returns>
    /// <exception cref="LedgerLogException">It refused the caller, or did not answer, or not with JSON.</exception>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using var answer = await client.GetAsync(
                new Uri($"api/{path}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound) return null;
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                throw new LedgerLogException($"expected to be let in, the relay answered {(int)answer.StatusCode} to api/{path}");
            }
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new LedgerLogException($"expected figures, the relay answered {(int)answer.StatusCode}: not now") { IsNotNow = true };
            }
            await answer.Content.LoadIntoBufferAsync(MostBytes, both.Token);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(both.Token));
            return json.RootElement.Clone();
        }
        catch (HttpRequestException e)
        {
            throw new LedgerLogException($"expected figures, none came: {e.Message}", e) { IsNotNow = true };
        }
        catch (IOException e)
        {
            throw new LedgerLogException($"expected figures, they were cut off: {e.Message}", e) { IsNotNow = true };
        }
        catch (JsonException e)
        {
            throw new LedgerLogException($"expected JSON of api/{path}, got something else", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LedgerLogException($"expected figures within {Deadline.TotalSeconds:0} s, they did not come", e) { IsNotNow = true };
        }
    }
}
