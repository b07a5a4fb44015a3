using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Core.Tests;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Functions.Tests;

/// <summary>Who brings more over HTTP than its rate lets through is told at once, and when to come again.</summary>
public sealed class SubmitRateTests : IAsyncDisposable
{
    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task RunAsync_PastTheSendersRate_IsToldWhenItGoesOn()
    {
        Limit("\"us\": {", "\"us\": { \"rate\": { \"perSecond\": 2, \"burst\": 3 },");
        var wires = await StreamAsync(5);
        for (var i = 0; i < 3; i++)
        {
            var (taken, _) = await SubmitAsync(wires[i]);
            Assert.Equal(202, taken.StatusCode);
            Assert.Equal("\"sender\";q=3;w=2", taken.Headers["RateLimit-Policy"].ToString());
            Assert.Equal($"\"sender\";r={2 - i};t={(i + 2) / 2}", taken.Headers["RateLimit"].ToString());
        }

        var (response, problem) = await SubmitAsync(wires[3]);
        Assert.Equal((429, "1"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        Assert.Equal("\"sender\";r=0;t=2", response.Headers["RateLimit"].ToString());
        Assert.Equal("urn:relay:rate-limited", problem!["type"]!.GetValue<string>());
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", problem["registered-type"]!.GetValue<string>());
        Assert.Equal("""["sender"]""", problem["violated-policies"]!.ToJsonString());
        Assert.Equal(1, problem["next"]!.GetValue<long>());
        Assert.Equal(3, _fixture.Acts.All.Count(act => act == "enqueue"));

        // It is the ledger that counts: once it has them, the fourth goes on at its moment.
        foreach (var wire in wires[..3]) Assert.Equal(Verdict.Forwarded, (await RelayAsync(wire)).Verdict);
        var early = await RelayAsync(wires[3]);
        Assert.Equal(Verdict.RateLimited, early.Verdict);
        var plan = _fixture.Create<SettlementPolicy>().Plan(early, 7);
        Assert.Equal(
            (SettlementAction.Postpone, _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(0.5), 7),
            (plan.Settlement, plan.CopyAt, plan.CopyAttempt));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(202, (await SubmitAsync(wires[3])).Response.StatusCode);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[3])).Verdict);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[4])).Verdict);
    }

    [Fact]
    public async Task RunAsync_PastTheNegotiationsRate_NamesThatPolicy()
    {
        Limit("\"quorum\":", "\"rate\": { \"perSecond\": 1, \"burst\": 1 }, \"quorum\":");
        var wires = await StreamAsync(2);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[0])).Verdict);
        var (response, problem) = await SubmitAsync(wires[1]);
        Assert.Equal((429, "1"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        Assert.Equal("""["negotiation"]""", problem!["violated-policies"]!.ToJsonString());
        Assert.Equal("\"negotiation\";q=1;w=1", response.Headers["RateLimit-Policy"].ToString());
        // What the ledger has costs nothing.
        Assert.Equal(202, (await SubmitAsync(wires[0])).Response.StatusCode);
    }

    /// <summary>
    /// Those that are missing are taken for coming at their rate, held ones have had their turn: the moment is the same, and it is kept.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_BeyondAGap_IsToldTheMomentAfterThoseThatAreMissing(bool isOneHeld)
    {
        Limit("\"us\": {", "\"us\": { \"rate\": { \"perSecond\": 2, \"burst\": 3 },");
        var wires = await StreamAsync(6);
        var until = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(1);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[0])).Verdict);
        if (isOneHeld)
        {
            Assert.Equal(Verdict.Held, (await RelayAsync(wires[2])).Verdict);
            // It has been counted, and comes again for nothing.
            Assert.Equal(202, (await SubmitAsync(wires[2])).Response.StatusCode);
        }

        // Of the fifth, the second to fourth are missing.
        var (response, problem) = await SubmitAsync(wires[4]);
        Assert.Equal((429, "1"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        Assert.Equal(2, problem!["next"]!.GetValue<long>());
        var told = DateTimeOffset.Parse(problem["until"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Assert.Equal(until, told);
        // What is missing may come.
        Assert.Equal(202, (await SubmitAsync(wires[1])).Response.StatusCode);

        // The gap is filled at its rate, and the moment was right.
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[1])).Verdict);
        if (!isOneHeld) Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[2])).Verdict);
        _fixture.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[3])).Verdict);
        Assert.Equal(Verdict.RateLimited, (await RelayAsync(wires[4])).Verdict);
        _fixture.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(wires[4])).Verdict);
    }

    [Fact]
    public async Task RunAsync_WithoutARate_ReadsNoLedgerAndHasNoFields()
    {
        var (response, _) = await SubmitAsync((await StreamAsync(1))[0]);
        Assert.Equal(202, response.StatusCode);
        Assert.False(response.Headers.ContainsKey("RateLimit"));
    }

    private void Limit(string old, string now)
    {
        var document = Encoding.UTF8.GetString(TestNegotiation.Document());
        Assert.Contains(old, document, StringComparison.Ordinal);
        var limited = Encoding.UTF8.GetBytes(document.Replace(old, now, StringComparison.Ordinal));
        _fixture.Source.Answer = (_, _) => FakeDirectorySource.Found(limited);
    }

    private ValueTask<Ruling> RelayAsync(byte[] wire) =>
        _fixture.Create<RelayPipeline>().RelayAsync(wire, null, TimeSpan.FromSeconds(10), null, TestContext.Current.CancellationToken);

    private async Task<byte[][]> StreamAsync(int count)
    {
        var wires = new List<byte[]>();
        Digest? previous = null;
        for (var sequence = 1; sequence <= count; sequence++)
        {
            var draft = _fixture.Negotiation.Draft();
            draft = draft with { Id = draft.Id with { Sequence = sequence }, Previous = previous };
            previous = SealedEnvelope.Create(draft).Digest;
            wires.Add(await _fixture.Negotiation.SignAsync(draft, "qatar", "oman"));
        }

        return [.. wires];
    }

    private async Task<(HttpResponse Response, JsonNode? Body)> SubmitAsync(byte[] wire)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = "POST";
        context.Request.Path = "/api/envelopes";
        context.Request.Body = new MemoryStream(wire);
        context.Request.ContentLength = wire.Length;
        context.Response.Body = new MemoryStream();
        var result = await _fixture.Create<SubmitEnvelope>().RunAsync(context.Request, TestContext.Current.CancellationToken);
        await result.ExecuteResultAsync(new ActionContext { HttpContext = context });
        DeclaredAnswers.Check(nameof(SubmitEnvelope), context.Request.Method, context.Response.StatusCode);
        return (context.Response, JsonNode.Parse(FunctionsFixture.Text(((MemoryStream)context.Response.Body).ToArray())));
    }
}
