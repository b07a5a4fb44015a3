using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Reading;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Core.Tests;
using Relay.Functions.Http;
using Relay.Functions.Settlement;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Testing;

namespace Relay.Functions.Tests;

public sealed class SubmitEnvelopeTests : IAsyncDisposable
{
    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(Lane.Normal)]
    [InlineData(Lane.Urgent)]
    public async Task RunAsync_GoodEnvelope_IsQueuedByLaneThenAccepted(Lane lane)
    {
        var wire = await _fixture.Negotiation.SignAsync(_fixture.Negotiation.Draft(lane: lane), "qatar", "oman");

        var (response, body) = await SubmitAsync(wire);

        Assert.Equal(202, response.StatusCode);
        var id = $"doha-2026/us/{lane.ToText()}/1";
        Assert.Equal($$"""{"id":"{{id}}","status":"queued"}""", body!.ToJsonString());
        Assert.Equal($"/api/envelopes/{id}", response.Headers.Location.ToString());
        Assert.Equal(wire, _fixture.Queue.Last!.Body.ToArray());
        Assert.Equal((lane, 0, null), (_fixture.Queue.Last.Queue, _fixture.Queue.Last.Attempt, _fixture.Queue.Last.DueAt));
        Assert.Empty(_fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task RunAsync_Embargoed_IsQueuedForItsTime()
    {
        var until = _fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(7);
        var (response, _) = await SubmitAsync(
            await _fixture.Negotiation.SignAsync(_fixture.Negotiation.Draft() with { NotBefore = until }, "qatar", "oman"));
        Assert.Equal((202, until), (response.StatusCode, _fixture.Queue.Last!.DueAt));
    }

    [Theory]
    [InlineData("wait=10", 10)]
    [InlineData("respond-async, WAIT = \"7\"; x=1", 7)]
    [InlineData("wait=3600", 60)]
    [InlineData("wait=-1", 0)]
    [InlineData("wait=soon", 0)]
    [InlineData("wait", 0)]
    [InlineData("return=minimal", 0)]
    public void PreferredWait_Header_IsReadStrictly(string header, int seconds)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["Prefer"] = header;
        Assert.Equal(TimeSpan.FromSeconds(seconds), PreferredWait.Read(context.Request));
    }

    [Fact]
    public async Task RunAsync_PrefersToWait_GetsTheReceiptOr202WhenItTakesLonger()
    {
        var wire = await _fixture.Negotiation.SignAsync(_fixture.Negotiation.Draft(), "qatar", "oman");
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out _));

        var late = SubmitAsync(new MemoryStream(wire), wire.Length, "wait=2");
        await TestDeadline.Until(() => _fixture.Time.IsArmed(TimeSpan.FromSeconds(2)), "the deadline");
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(202, (await TestDeadline.Within(late)).Response.StatusCode);
        var relayed = await _fixture.Create<RelayPipeline>()
            .RelayAsync(wire, null, EnvelopeProcessor.Patience, gathering: null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Forwarded, relayed.Verdict);
        var waiting = SubmitAsync(new MemoryStream(wire), wire.Length, "wait=2");
        var pause = TimeSpan.FromMilliseconds(50);
        await TestDeadline.Until(() => _fixture.Time.IsArmed(pause), "the pause before the first look");
        _fixture.Time.Advance(pause);
        var (response, _) = await TestDeadline.Within(waiting);
        Assert.Equal(
            (201, "wait=2", "/api/envelopes/doha-2026/us/normal/1"),
            (response.StatusCode, response.Headers["Preference-Applied"].ToString(), response.Headers.Location.ToString()));
        Assert.True(Receipt.TryParse(((MemoryStream)response.Body).ToArray(), out var receipt, out _, out _));
        Assert.True(receipt.Entry.Fits(envelope.Head));
    }

    [Fact]
    public async Task RunAsync_PrefersToWaitWhereAsManyWaitAsMay_Is202AtOnceAndQueued()
    {
        var waiters = _fixture.Create<ReceiptWaiters>();
        var waits = Enumerable.Range(1, ReceiptWaiters.MaxWaiting)
            .Select(sequence => waiters.TryBegin(new EnvelopeId(TestNegotiation.Name, "iran", Lane.Normal, sequence))).ToList();
        Assert.All(waits, Assert.NotNull);
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");

        // The clock stands still: one that waited would not end.
        var (response, _) = await TestDeadline.Within(SubmitAsync(new MemoryStream(wire), wire.Length, "wait=60"));
        Assert.Equal((202, 0), (response.StatusCode, response.Headers["Preference-Applied"].Count));
        Assert.Equal(wire, _fixture.Queue.Last!.Body.ToArray());

        waits[0]!.Dispose();
        waits[0]!.Dispose();
        var waiting = SubmitAsync(new MemoryStream(wire), wire.Length, "wait=60");
        await TestDeadline.Until(() => _fixture.Time.IsArmed(TimeSpan.FromSeconds(60)), "the wait of the next");
        Assert.Null(waiters.TryBegin(new EnvelopeId(TestNegotiation.Name, "iran", Lane.Urgent, 1)));
        _fixture.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(202, (await TestDeadline.Within(waiting)).Response.StatusCode);
    }

    [Fact]
    public void MaxWaiting_OfTheRequestsThatTheHostLetsIn_IsAThird()
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")));
        var requests = host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("maxConcurrentRequests").GetInt32();
        Assert.Equal(ReceiptWaiters.MaxWaiting, requests / 3);
    }

    [Theory]
    [InlineData("not JSON", 400, "not-json", false)]
    [InlineData("300 KiB", 413, "oversize", false)]
    [InlineData("unknown negotiation", 422, "envelope-not-proved", false)]
    [InlineData("expired", 422, "expired", true)]
    public async Task RunAsync_BadEnvelope_IsAProblemAndNotQueued(string kind, int status, string reason, bool hasId)
    {
        var (response, body) = await SubmitAsync(await BadEnvelopes.MakeAsync(kind, _fixture.Negotiation));

        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.ContentType));
        Assert.Equal($"urn:relay:{reason}", body!["type"]!.GetValue<string>());
        Assert.Equal(status, body["status"]!.GetValue<int>());
        Assert.Contains("expected", body["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(hasId, body["id"] is not null);
        Assert.Empty(_fixture.Acts.All);
    }

    [Fact]
    public async Task RunAsync_CopiesBelowQuorum_ArePendingUntilTheOneThatMakesThemWholeIsQueued()
    {
        const string Pending = """{"id":"doha-2026/us/normal/1","status":"pending"}""";
        var draft = _fixture.Negotiation.Draft();
        for (var i = 0; i < 2; i++)
        {
            // The same again says the same: nobody learns what was known.
            var (first, body) = await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "qatar"));
            Assert.Equal((202, Pending), (first.StatusCode, body!.ToJsonString()));
            Assert.Equal("/api/envelopes/doha-2026/us/normal/1", first.Headers.Location.ToString());
        }

        Assert.Null(_fixture.Queue.Last);
        var (whole, said) = await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "oman"));
        Assert.Equal((202, "queued"), (whole.StatusCode, said!["status"]!.GetValue<string>()));
        var queued = _fixture.Queue.Last!.Body.ToArray();
        Assert.True(Envelope.TryParse(queued, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        Assert.Equal(["mediator-qatar", "mediator-oman"], envelope.Signatures.Select(signature => signature.Key.Name));
    }

    [Fact]
    public async Task RunAsync_CopyStrippedFromWhatIsLogged_TellsNoMoreThanOneThatIsNew()
    {
        var draft = _fixture.Negotiation.Draft();
        var wire = await _fixture.Negotiation.SignAsync(draft, "qatar", "oman");
        var relayed = await _fixture.Create<RelayPipeline>()
            .RelayAsync(wire, null, EnvelopeProcessor.Patience, gathering: null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Forwarded, relayed.Verdict);
        var (response, body) = await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "swiss"));
        Assert.Equal(
            (202, """{"id":"doha-2026/us/normal/1","status":"pending"}"""), (response.StatusCode, body!.ToJsonString()));
        Assert.Null(_fixture.Queue.Last);
    }

    [Fact]
    public async Task RunAsync_CopyBelowQuorumThatCouldNotGoOnWithOne_IsRefusedAsBelowIt()
    {
        var draft = _fixture.Negotiation.Draft() with
        {
            IssuedAt = _fixture.Time.GetUtcNow() - TimeSpan.FromHours(2),
            ExpiresAt = _fixture.Time.GetUtcNow() - TimeSpan.FromHours(1),
        };
        var (response, body) = await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "qatar"));
        Assert.Equal((422, "urn:relay:envelope-not-proved"), (response.StatusCode, body!["type"]!.GetValue<string>()));
        Assert.Empty(_fixture.Acts.All);
    }

    [Fact]
    public async Task RunAsync_CopyBelowQuorumWithAnEmbargo_IsQueuedForItsTimeOnceWhole()
    {
        var until = _fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(7);
        var draft = _fixture.Negotiation.Draft() with { NotBefore = until };
        await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "oman"));
        await SubmitAsync(await _fixture.Negotiation.SignAsync(draft, "qatar"));
        Assert.Equal(until, _fixture.Queue.Last!.DueAt);
    }

    [Fact]
    public async Task RunAsync_MoreCopiesBelowQuorumThanMayWait_AsksToRetryAndTakesWholeOnes()
    {
        const int Most = 256;
        for (var sequence = 1; sequence <= Most; sequence++)
        {
            var (taken, _) = await SubmitAsync(await _fixture.Negotiation.SignAsync(DraftOf(sequence), "qatar"));
            Assert.Equal(202, taken.StatusCode);
        }

        var (full, body) = await SubmitAsync(await _fixture.Negotiation.SignAsync(DraftOf(Most + 1), "qatar"));
        Assert.Equal((503, "urn:relay:pending-full"), (full.StatusCode, body!["type"]!.GetValue<string>()));
        Assert.NotEmpty(full.Headers.RetryAfter.ToString());
        Assert.Null(_fixture.Queue.Last);
        var (whole, _) = await SubmitAsync(await _fixture.Negotiation.SignAsync(DraftOf(Most + 1), "qatar", "oman"));
        Assert.Equal(202, whole.StatusCode);

        EnvelopeDraft DraftOf(long sequence)
        {
            var draft = _fixture.Negotiation.Draft();
            return draft with
            {
                Id = draft.Id with { Sequence = sequence },
                Previous = sequence == 1 ? null : Relay.Protocol.Text.Digest.Of([1]),
            };
        }
    }

    [Fact]
    public async Task RunAsync_AnnouncedOverTheLimit_IsRefusedUnread()
    {
        using var stream = new UnreadableStream();
        var (response, body) = await SubmitAsync(stream, 262_145);
        Assert.Equal(413, response.StatusCode);
        Assert.Contains("expected at most 262144 bytes, got 262145", body!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_EndlessBody_IsReadOneByteTooFarAndNoMore()
    {
        using var stream = new EndlessStream();
        var (response, _) = await SubmitAsync(stream, null);
        Assert.Equal((413, 262_145), (response.StatusCode, stream.Given));
    }

    [Fact]
    public async Task RunAsync_QueueDown_PromisesNothing()
    {
        _fixture.Queue.Answer = SendOutcome.Unavailable;
        var (response, body) = await SubmitAsync(await _fixture.Negotiation.SignAsync("qatar", "oman"));
        Assert.Equal((503, "5"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        Assert.Equal(
            ("urn:relay:queue-unavailable", "doha-2026/us/normal/1"), (body!["type"]!.GetValue<string>(), body["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Live_Always_Answers()
    {
        var context = Context(Stream.Null, null);
        context.Request.Method = "GET";
        await _fixture.Create<Health>().Live(context.Request).ExecuteResultAsync(new ActionContext { HttpContext = context });
        Assert.Equal((200, """{"status":"live"}"""), (context.Response.StatusCode, Body(context)));
    }

    private Task<(HttpResponse Response, JsonNode? Body)> SubmitAsync(byte[] wire) => SubmitAsync(new MemoryStream(wire), wire.Length);

    private async Task<(HttpResponse Response, JsonNode? Body)> SubmitAsync(Stream body, long? length, string? prefer = null)
    {
        var context = Context(body, length);
        if (prefer is not null) context.Request.Headers["Prefer"] = prefer;
        var result = await _fixture.Create<SubmitEnvelope>().RunAsync(context.Request, TestContext.Current.CancellationToken);
        await result.ExecuteResultAsync(new ActionContext { HttpContext = context });
        DeclaredAnswers.Check(nameof(SubmitEnvelope), context.Request.Method, context.Response.StatusCode);
        return (context.Response, context.Response.StatusCode == 201 ? null : JsonNode.Parse(Body(context)));
    }

    private static DefaultHttpContext Context(Stream body, long? length)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = "POST";
        context.Request.Path = "/api/envelopes";
        context.Request.Body = body;
        context.Request.ContentLength = length;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Body(HttpContext context) => FunctionsFixture.Text(((MemoryStream)context.Response.Body).ToArray());
}
