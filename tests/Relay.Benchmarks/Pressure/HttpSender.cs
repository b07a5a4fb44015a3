using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// One sender over HTTP with a clock of its own: posts its envelope at each of its moments, and goes on to the next once that one is
/// taken. What it is told on the way, and whether the told moment holds, is counted.
/// </summary>
internal sealed class HttpSender(HttpClient client, IReadOnlyList<PressedEnvelope> envelopes, TimeProvider time)
{
    private DateTimeOffset? _told;

    /// <summary>What was taken, and when it was posted.</summary>
    public List<(PressedEnvelope Envelope, DateTimeOffset Posted)> Taken { get; } = [];

    public int Posts { get; private set; }

    /// <summary>Refusals that said when to come again.</summary>
    public int Told { get; private set; }

    /// <summary>Refusals that did not, by status.</summary>
    public Dictionary<HttpStatusCode, int> Untold { get; } = [];

    /// <summary>First posts at or after a told moment, and how many of them were taken.</summary>
    public int CameBack { get; private set; }

    public int CameBackTaken { get; private set; }

    /// <summary>Posts at this rate until then. What takes longer than its turn costs the turns meanwhile.</summary>
    public async Task RunAsync(double perSecond, DateTimeOffset first, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var every = TimeSpan.FromSeconds(1 / perSecond);
        for (var due = first; due < until; due += every)
        {
            var now = time.GetUtcNow();
            if (now > due + every) continue;
            if (due > now) await Task.Delay(due - now, time, cancellationToken);
            await PostAsync(cancellationToken);
        }
    }

    private async Task PostAsync(CancellationToken cancellationToken)
    {
        var envelope = envelopes[Taken.Count];
        var posted = time.GetUtcNow();
        var cameBack = _told is { } told && posted >= told;
        using var content = new ByteArrayContent(envelope.Wire);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        using var answer = await client.PostAsync(new Uri("api/envelopes", UriKind.Relative), content, cancellationToken);
        Posts++;
        if (cameBack)
        {
            CameBack++;
            _told = null;
        }

        if (answer.StatusCode == HttpStatusCode.Accepted)
        {
            Taken.Add((envelope, posted));
            if (cameBack) CameBackTaken++;
            _told = null;
        }
        else if (answer.StatusCode == HttpStatusCode.TooManyRequests && await UntilAsync(answer, cancellationToken) is { } until)
        {
            Told++;
            _told = until;
        }
        else
        {
            Untold[answer.StatusCode] = Untold.GetValueOrDefault(answer.StatusCode) + 1;
        }
    }

    private static async Task<DateTimeOffset?> UntilAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json") return null;
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        return problem.RootElement.TryGetProperty("until", out var until) ? until.GetDateTimeOffset() : null;
    }
}
