using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Mediators;

/// <summary>Submits envelopes over HTTP (<c>POST api/envelopes</c>), for callers without a Service Bus client. Safe for concurrent use.</summary>
public sealed class EnvelopeHttpSubmitter
{
    // A problem document is a few hundred bytes; anything longer is not ours to read.
    private const int MaxAnswerBytes = 16 * 1024;
    private const string ProblemPrefix = "urn:relay:";

    private readonly HttpClient _client;

    /// <summary>Takes a client whose <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</summary>
    public EnvelopeHttpSubmitter(HttpClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.BaseAddress is null) throw new ArgumentException("Expected a client with the relay's base address.", nameof(client));
        _client = client;
    }

    /// <summary>Submits one envelope; when it returns, the relay has it durably. Submitting again after a failure is safe.</summary>
    /// <exception cref="EnvelopeRefusedException">The relay said no.</exception>
    /// <exception cref="HttpRequestException">The relay was not reached.</exception>
    public async Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        // The HTTP client sends it on, in header traceparent.
        using var activity = ClientTelemetry.StartSubmission();
        using var content = new ReadOnlyMemoryContent(envelope.Wire);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative)) { Content = content };
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        using var body = await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Accepted) throw Refused(response, body?.RootElement, envelope.Id);
        return new Submission(
            Text(body?.RootElement, "id") ?? envelope.Id.ToString(),
            Text(body?.RootElement, "status") ?? "queued",
            response.Headers.Location);
    }

    private static EnvelopeRefusedException Refused(HttpResponseMessage response, JsonElement? problem, EnvelopeId id)
    {
        var type = Text(problem, "type");
        var reason = type is not null && type.StartsWith(ProblemPrefix, StringComparison.Ordinal) ? type[ProblemPrefix.Length..] : null;
        var detail = Text(problem, "detail");
        return new EnvelopeRefusedException($"The relay answered {(int)response.StatusCode} to {id}: {reason ?? "no reason"}. {detail}")
        {
            Status = response.StatusCode,
            Reason = reason,
            Detail = detail,
            EnvelopeId = Text(problem, "id"),
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private static async Task<JsonDocument?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[MaxAnswerBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        try
        {
            return length == 0 || length == buffer.Length ? null : JsonDocument.Parse(buffer.AsMemory(0, length));
        }
        catch (JsonException)
        {
            // A gateway's page instead of the relay's answer: the status says what there is to say.
            return null;
        }
    }

    private static string? Text(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } e && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
