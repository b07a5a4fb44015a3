using System.Net;
using System.Net.Http.Headers;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Delegations;

/// <summary>The relay's HTTP API for acknowledgements over a ledger in memory; or whatever answer a test wants.</summary>
internal sealed class AcknowledgingRelay(TestLedger ledger, Digest policy, TimeProvider time) : HttpMessageHandler
{
    // Guards what follows: the outbox asks from a thread of its own.
    private readonly Lock _gate = new();
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, long> _logged = new(StringComparer.Ordinal);

    /// <summary>Status in place of a receipt; null answers as the relay does.</summary>
    public HttpStatusCode? Says { get; set; }

    /// <summary>True when nothing answers at all.</summary>
    public bool IsDown { get; set; }

    /// <summary>Value of <c>Retry-After</c> beside <see cref="Says"/>.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>What is put in place of the receipt.</summary>
    public Func<byte[], byte[]> Spoil { get; set; } = receipt => receipt;

    /// <summary>What was asked for: "opened" or "refused (reason)" with the envelope's id.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Assert.Equal("https://relay.example/api/acknowledgements", request.RequestUri!.AbsoluteUri);
        Assert.Equal(Acknowledgement.MediaType, request.Content!.Headers.ContentType!.MediaType);
        var body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
        Assert.True(Acknowledgement.TryParse(body, out var said, out _, out var detail), detail);
        lock (_gate)
        {
            _asked.Add($"{said.Id} {said}");
            if (IsDown) throw new HttpRequestException("connection refused");
            if (Says is { } status)
            {
                var answer = new HttpResponseMessage(status) { Content = new StringContent("{}") };
                if (RetryAfter is { } delay) answer.Headers.RetryAfter = new RetryConditionHeaderValue(delay);
                return answer;
            }
            var key = $"{said.Id} {said.Delegation}";
            if (!_logged.TryGetValue(key, out var index))
            {
                var entry = new AcknowledgementEntry { Policy = policy, Acknowledgement = said, At = time.GetUtcNow() };
                index = ledger.Append(entry.ToBytes());
                _logged[key] = index;
            }
            var receipt = Spoil(System.Text.Encoding.UTF8.GetBytes(ledger.Receipt(index)));
            return new HttpResponseMessage(HttpStatusCode.Created) { Content = new ByteArrayContent(receipt) };
        }
    }
}
