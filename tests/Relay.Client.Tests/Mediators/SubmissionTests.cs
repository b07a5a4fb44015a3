using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Relay.Client.Delegations;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Tests.Mediators;

public sealed class SubmissionTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Theory]
    [InlineData(Lane.Normal, "send envelopes")]
    [InlineData(Lane.Urgent, "send envelopes-urgent")]
    public async Task SubmitAsync_ByLane_GoesToItsQueueWithTheFormatsProperties(Lane lane, string call)
    {
        var bus = new FakeBus();
        await using var submitter = new EnvelopeSubmitter(bus, _samples.Time);
        var envelope = await EnvelopeAsync(lane);
        _samples.Time.Advance(TimeSpan.FromHours(4));

        await submitter.SubmitAsync(envelope, TestContext.Current.CancellationToken);

        Assert.Equal([call], bus.Calls);
        var message = Assert.Single(bus.Sent);
        Assert.Equal(Envelope.MediaType, message.ContentType);
        Assert.Equal(envelope.Digest.ToString(), message.MessageId);
        Assert.Equal(TimeSpan.FromHours(20), message.TimeToLive);
        Assert.True(message.Body.ToMemory().Span.SequenceEqual(envelope.Wire.Span));
    }

    [Fact]
    public async Task SubmitAsync_Expired_ThrowsAndSendsNothing()
    {
        var bus = new FakeBus();
        await using var submitter = new EnvelopeSubmitter(bus, _samples.Time);
        var envelope = await EnvelopeAsync(Lane.Normal);
        _samples.Time.Advance(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<ArgumentException>(() => submitter.SubmitAsync(envelope, TestContext.Current.CancellationToken));
        Assert.Empty(bus.Calls);
    }

    [Fact]
    public async Task SubmitAsync_HttpAccepted_GivesTheRelaysAnswer()
    {
        var envelope = await EnvelopeAsync(Lane.Normal);
        var relay = new FakeRelay(HttpStatusCode.Accepted, "application/json", """{"id":"doha-2026/us/normal/1","status":"queued"}""");
        relay.Answer.Headers.Location = new Uri("/api/envelopes/doha-2026/us/normal/1", UriKind.Relative);
        using var client = new HttpClient(relay) { BaseAddress = new Uri("https://relay.example/") };

        var submission = await new EnvelopeHttpSubmitter(client, _samples.Time).SubmitAsync(
            envelope, TestContext.Current.CancellationToken);

        Assert.Equal(new Submission("doha-2026/us/normal/1", "queued", relay.Answer.Headers.Location), submission);
        Assert.Equal(("POST https://relay.example/api/envelopes", Envelope.MediaType), (relay.Asked, relay.ContentType));
        Assert.Equal(envelope.Wire.ToArray(), relay.Body);
    }

    [Fact]
    public async Task SubmitAsync_HttpProblem_ThrowsWithItsParts()
    {
        var relay = new FakeRelay(
            (HttpStatusCode)422,
            "application/problem+json",
            """{"type":"urn:relay:quorum-not-met","status":422,"detail":"expected weight 3, got 2","id":"doha-2026/us/normal/1"}""");
        relay.Answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
        var refused = await RefusedAsync(relay);
        Assert.Equal((HttpStatusCode)422, refused.Status);
        Assert.Equal("quorum-not-met", refused.Reason);
        Assert.Equal("expected weight 3, got 2", refused.Detail);
        Assert.Equal("doha-2026/us/normal/1", refused.EnvelopeId);
        Assert.Equal(TimeSpan.FromSeconds(7), refused.RetryAfter);
        Assert.Contains("quorum-not-met", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"type":5}""")]
    public async Task SubmitAsync_HttpAnswerOfAGateway_ThrowsWithTheStatusAlone(string body)
    {
        var refused = await RefusedAsync(new FakeRelay(HttpStatusCode.BadGateway, "text/html", body));
        Assert.Equal((HttpStatusCode.BadGateway, (string?)null, (string?)null), (refused.Status, refused.Reason, refused.Detail));
    }

    [Fact]
    public async Task SubmitAsync_HttpAnswerWithoutEnd_IsNotReadToIt()
    {
        var relay = new FakeRelay(HttpStatusCode.BadGateway, "text/plain", new string('x', 1_000_000));
        Assert.Null((await RefusedAsync(relay)).Detail);
    }

    private async Task<EnvelopeRefusedException> RefusedAsync(FakeRelay relay)
    {
        var envelope = await EnvelopeAsync(Lane.Normal);
        using var client = new HttpClient(relay) { BaseAddress = new Uri("https://relay.example/") };
        return await Assert.ThrowsAsync<EnvelopeRefusedException>(
            () => new EnvelopeHttpSubmitter(client, _samples.Time).SubmitAsync(envelope, TestContext.Current.CancellationToken));
    }

    private async Task<Envelope> EnvelopeAsync(Lane lane) =>
        await _samples.SignAsync(
            await _samples.Sealer()
                .SealAsync(Samples.Say("x") with { Lane = lane }, StreamPosition.Start, TestContext.Current.CancellationToken));

    private sealed class FakeRelay(HttpStatusCode status, string type, string body) : HttpMessageHandler
    {
        public HttpResponseMessage Answer { get; } = new(status) { Content = new StringContent(body, Encoding.UTF8, type) };

        public string? Asked { get; private set; }

        public string? ContentType { get; private set; }

        public byte[]? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = $"{request.Method} {request.RequestUri}";
            ContentType = request.Content!.Headers.ContentType!.ToString();
            Body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
            return Answer;
        }
    }
}
