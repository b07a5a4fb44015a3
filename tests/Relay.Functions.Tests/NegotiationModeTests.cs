using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Settlement;
using Relay.Core.Tests;
using Relay.Functions.Settlement;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Tests;

/// <summary>What an operator's mode means for who reads, who submits and what is on the queue.</summary>
public sealed class NegotiationModeTests : IAsyncDisposable
{
    private readonly FunctionsFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Mode_SetAndRead_IsTheLedgers()
    {
        Assert.Equal("""200 {"mode":"open","operator":"open","document":"open"}""", await ModeAsync());
        Assert.Equal("""200 {"mode":"read-only","operator":"read-only","document":"open","index":1}""", await ModeAsync("read-only"));
        Assert.Equal("""200 {"mode":"read-only","operator":"read-only","document":"open"}""", await ModeAsync("read-only"));
        Assert.Equal("""200 {"mode":"closed","operator":"closed","document":"open","index":2}""", await ModeAsync("closed"));
        Assert.Equal("""200 {"mode":"closed","operator":"closed","document":"open"}""", await ModeAsync());
        Assert.StartsWith("404 ", await ModeAsync("open", "nowhere"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"mode":"Open"}""")]
    [InlineData("""{"mode":null}""")]
    [InlineData("""{"mode":"open"} x""")]
    [InlineData("""["open"]""")]
    [InlineData("""{"mode":"\ud800"}""")]
    public async Task Mode_ThatIsNone_IsRefusedAndNothingChanges(string body)
    {
        Assert.StartsWith("400 ", await SendAsync("PUT", body, TestNegotiation.Name), StringComparison.Ordinal);
        Assert.Empty(_fixture.Store.Names);
    }

    [Fact]
    public async Task ReadOnly_Submission_IsToldToComeAgainAndTheQueueKeepsItsOwn()
    {
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");
        await ModeAsync("read-only");
        var (status, problem, retry) = await SubmitAsync(wire);
        Assert.Equal((503, "urn:relay:read-only", "5"), (status, problem, retry));

        // However long: a copy for later stands for the message each time, and its delivery count is never used.
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            _fixture.Acts.Clear();
            await ProcessAsync(wire, attempt);
            Assert.Equal(["enqueue", "complete"], _fixture.Acts.All);
            Assert.Equal(wire, _fixture.Queue.Last!.Body.ToArray());
            Assert.Equal(attempt + 1, _fixture.Queue.Last.Attempt);
            _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        }

        await ModeAsync("open");
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(202, (await SubmitAsync(wire)).Status);
        _fixture.Acts.Clear();
        await ProcessAsync(wire, 6);
        Assert.Equal(["complete"], _fixture.Acts.All);
        Assert.Single(_fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task Closed_RefusesHereAndThere()
    {
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");
        await ModeAsync("closed");
        Assert.Equal((403, "urn:relay:negotiation-closed", ""), await SubmitAsync(wire));
        await ProcessAsync(wire, 1);
        Assert.StartsWith("dead-letter negotiation-closed: ", Assert.Single(_fixture.Acts.All), StringComparison.Ordinal);
    }

    // Until a quorum is verified a mode is nobody's business.
    [Fact]
    public async Task ReadOnly_SubmissionBelowQuorum_IsNotToldTheMode()
    {
        await ModeAsync("read-only");
        Assert.NotEqual("urn:relay:read-only", (await SubmitAsync(await _fixture.Negotiation.SignAsync("qatar"))).Problem);
    }

    private Task<string> ModeAsync(string? mode = null, string negotiation = TestNegotiation.Name) =>
        SendAsync(mode is null ? "GET" : "PUT", $$"""{"mode":"{{mode}}"}""", negotiation);

    private async Task<string> SendAsync(string method, string body, string negotiation)
    {
        var context = Context(method, Encoding.UTF8.GetBytes(body));
        var answer = await _fixture.Create<NegotiationModeOperations>().RunAsync(context.Request, negotiation, Token);
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        DeclaredAnswers.Check("NegotiationMode", method, context.Response.StatusCode);
        return $"{context.Response.StatusCode} {Body(context)}";
    }

    private async Task<(int Status, string? Problem, string Retry)> SubmitAsync(byte[] wire)
    {
        var context = Context("POST", wire);
        var answer = await _fixture.Create<SubmitEnvelope>().RunAsync(context.Request, Token);
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        var problem = (string?)JsonNode.Parse(Body(context))!["type"];
        return (context.Response.StatusCode, problem, context.Response.Headers.RetryAfter.ToString());
    }

    private Task ProcessAsync(byte[] wire, int attempt) => _fixture.Create<EnvelopeProcessor>().ProcessAsync(
        [FunctionsFixture.Message(wire, (SettlementPolicy.AttemptProperty, attempt))], _fixture.Actions, Lane.Normal, Token);

    private static DefaultHttpContext Context(string method, byte[] body)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = method;
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = body.Length;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Body(HttpContext context) => FunctionsFixture.Text(((MemoryStream)context.Response.Body).ToArray());
}
