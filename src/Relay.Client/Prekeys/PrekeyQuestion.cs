using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Client.Prekeys;

/// <summary>
/// Asks the relay which bundle of a delegation is in force (<c>POST .../prekeys/check</c>). It answers those whom the negotiation's
/// document names. Safe for concurrent use.
/// </summary>
public sealed class PrekeyQuestion
{
    private const int MaxBytes = 4096;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private readonly RelayExchange _exchange;
    private readonly Uri _path;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="delegation">Whose prekeys.</param>
    /// <param name="time">The clock.</param>
    public PrekeyQuestion(HttpClient client, string negotiation, string delegation, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(time);
        _exchange = new RelayExchange(client, Deadline, time);
        _path = new Uri($"api/negotiations/{negotiation}/delegations/{delegation}/prekeys/check", UriKind.Relative);
    }

    /// <summary>Asks; whatever goes wrong is a problem in words.</summary>
    /// <param name="bundle">Digest of the bundle that is asked about; null asks about none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// What the relay said, and what was expected and what came when it said nothing that counts. Both are empty when it has no bundle in
    /// force.
    /// </returns>
    public async Task<(BundleStanding? Standing, string Problem)> AskAsync(Digest? bundle, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { digest = (bundle ?? default).ToString() }));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, _path) { Content = content };
        try
        {
            var answer = await _exchange.SendAsync(request, MaxBytes, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound) return (null, "");
            if (answer.Status != HttpStatusCode.OK)
            {
                return (null, $"expected to be told what is left, the relay answered {(int)answer.Status}");
            }
            using var json = JsonDocument.Parse(answer.Body ?? default);
            var root = json.RootElement;
            var standing = new BundleStanding(
                root.GetProperty("number").GetInt64(),
                root.GetProperty("left").GetInt32(),
                root.GetProperty("expires").GetDateTimeOffset(),
                root.GetProperty("same").GetBoolean());
            return (standing, "");
        }
        catch (HttpRequestException e)
        {
            return (null, $"expected an answer from the relay, none came: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return (null, "expected to be told what is left, got something else");
        }
    }
}
