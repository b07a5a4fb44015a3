using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Demo;

/// <summary>
/// Posts bytes that must be refused to a relay's HTTP endpoint; <c>EnvelopeHttpSubmitter</c> would not send most of them.
/// </summary>
/// <param name="client">With the relay's base address, ending in a slash.</param>
internal sealed class HostileFront(HttpClient client)
{
    private const string ProblemPrefix = "urn:relay:";

    /// <returns>Why the relay refused it; null when it did not.</returns>
    public async Task<Refusal?> SubmitAsync(HostileEnvelope hostile, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(hostile.Wire)
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType) },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative)) { Content = content };
        // The relay answers what is too large before it has been sent, and closes.
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request, cancellationToken);
        return response.StatusCode == HttpStatusCode.Accepted
            ? null
            : Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    private static Refusal Read(HttpStatusCode status, byte[] body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            var type = problem.RootElement.GetProperty("type").GetString() ?? "";
            return new Refusal(
                type.StartsWith(ProblemPrefix, StringComparison.Ordinal) ? type[ProblemPrefix.Length..] : type,
                problem.RootElement.GetProperty("detail").GetString() ?? "");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new Refusal($"HTTP {(int)status}", "an answer that is no problem document of the relay");
        }
    }
}
