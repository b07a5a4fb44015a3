using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Mediators;

/// <summary>
/// Submits envelopes over HTTP (<c>POST api/envelopes</c>), for callers without a Service Bus client. Safe for concurrent use.
/// </summary>
public sealed class EnvelopeHttpSubmitter : IEnvelopeSubmitter
{
    // A problem document is a few hundred bytes; anything longer is not ours to read.
    private const int MaxAnswerBytes = 16 * 1024;
    private const string ProblemPrefix = "urn:relay:";

    // As long as a relay may take to wake up from nothing and put an envelope on its queue.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    // What to wait for at least once held back: the relay says how long a stream is, and this is about all of them.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly RelayExchange _exchange;
    private readonly AdaptiveThrottle _throttle;

    /// <summary>
    /// Takes a client whose <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.
    /// </summary>
    public EnvelopeHttpSubmitter(HttpClient client, TimeProvider time)
        : this(client, time, Random.Shared.NextDouble)
    {
    }

    internal EnvelopeHttpSubmitter(HttpClient client, TimeProvider time, Func<double> random)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(time);
        if (client.BaseAddress is null) throw new ArgumentException("Expected a client with the relay's base address.", nameof(client));
        _exchange = new RelayExchange(client, Deadline, time);
        _throttle = new AdaptiveThrottle(time, random);
    }

    /// <summary>Submits one envelope; when it returns, the relay has it durably. Submitting again after a failure is safe.</summary>
    /// <exception cref="EnvelopeRefusedException">The relay said no; or it has said so to so many before, for their number or for what it
    /// lacks, that this one was not sent (<see cref="EnvelopeRefusedException.IsSelfThrottled"/>).</exception>
    /// <exception cref="HttpRequestException">The relay was not reached, or its
    /// answer did not come whole and in time: it may have the envelope.</exception>
    public async Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (!_throttle.TryBegin(out var asked, out var taken)) throw HeldBack(envelope.Id, asked, taken);
        // The HTTP client sends it on, in header traceparent.
        using var activity = ClientTelemetry.StartSubmission();
        using var content = new ReadOnlyMemoryContent(envelope.Wire);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative)) { Content = content };
        var answer = await _exchange.SendAsync(request, MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
        if (answer.Status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) _throttle.Taken();
        using var body = Read(answer.Body);
        if (answer.Status != HttpStatusCode.Accepted) throw Refused(answer, body?.RootElement, envelope.Id);
        return new Submission(
            Text(body?.RootElement, "id") ?? envelope.Id.ToString(),
            Text(body?.RootElement, "status") ?? "queued",
            answer.Headers.Location);
    }

    private static EnvelopeRefusedException HeldBack(EnvelopeId id, int asked, int taken) =>
        new($"{id} was not sent: of {asked} submissions of the last two minutes the relay took {taken}, so this client asks less often.")
        {
            Status = HttpStatusCode.TooManyRequests,
            EnvelopeId = id.ToString(),
            IsSelfThrottled = true,
            RetryAfter = Moment,
        };

    private static EnvelopeRefusedException Refused(RelayAnswer answer, JsonElement? problem, EnvelopeId id)
    {
        var type = Text(problem, "type");
        var reason = type is not null && type.StartsWith(ProblemPrefix, StringComparison.Ordinal) ? type[ProblemPrefix.Length..] : null;
        var detail = Text(problem, "detail");
        return new EnvelopeRefusedException($"The relay answered {(int)answer.Status} to {id}: {reason ?? "no reason"}. {detail}")
        {
            Status = answer.Status,
            Reason = reason,
            Detail = detail,
            EnvelopeId = Text(problem, "id"),
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    // Null for a gateway's page instead of the relay's answer: the status says what there is to say.
    private static JsonDocument? Read(ReadOnlyMemory<byte>? body)
    {
        try
        {
            return body is { Length: > 0 } json ? JsonDocument.Parse(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } e && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
