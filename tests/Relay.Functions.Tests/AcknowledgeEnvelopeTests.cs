using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Rulings;
using Relay.Core.Tests;
using Relay.Functions.Settlement;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Functions.Tests;

public sealed class AcknowledgeEnvelopeTests : IAsyncDisposable
{
    private readonly FunctionsFixture _fixture = new();
    private string _mode = "open";
    private EnvelopeHead _head = null!;

    public AcknowledgeEnvelopeTests()
    {
        _fixture.Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(TestIdentities.Document(_mode, _mode == "open" ? 7 : 8))
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("not-opened")]
    public async Task RunAsync_OfALoggedEnvelope_Is201WithItsReceiptEachTime(string? reason)
    {
        await RelayAsync();
        var said = TestIdentities.Say(_head, "iran", reason, at: _fixture.Time.GetUtcNow());
        var indices = new HashSet<long>();
        foreach (var again in new[] { said, said, TestIdentities.Say(_head, "iran", reason) })
        {
            var (response, _) = await PostAsync(again.Bytes);
            Assert.Equal((201, "text/plain; charset=utf-8"), (response.StatusCode, response.ContentType));
            Assert.True(AcknowledgementReceipt.TryParse(Body(response), out var receipt, out _, out var error), error);
            Assert.True(receipt.Entry.Acknowledgement.SaysTheSame(said));
            Assert.Equal(AcknowledgementFault.None, receipt.Entry.Acknowledgement.Verify(TestIdentities.ParsedDocument(), out _));
            using var verifier = new ReceiptVerifier("relay/" + TestNegotiation.Name, _ => _fixture.Certifier.PublicKey);
            Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _fixture.Time.GetUtcNow(), out _));
            indices.Add(receipt.Proof.Index);
        }

        Assert.Equal([2L], indices);
        var reader = _fixture.Create<LedgerReader>();
        var read = await reader.FindAsync(_head.Id, TestContext.Current.CancellationToken);
        var (index, entry) = Assert.Single(read.Value!.Acknowledgements);
        Assert.Equal((2L, said.ToString()), (index, entry.Acknowledgement.ToString()));
        await AssertAsync(409, "acknowledged-otherwise", TestIdentities.Say(_head, "iran", reason is null ? "expired" : null));

        // At rest all of it is published, and then read without the head too.
        _fixture.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.True(await _fixture.Create<NegotiationLedgers>().VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        _fixture.Store.Set($"{TestNegotiation.Name}/head", null);
        read = await reader.FindAsync(_head.Id, TestContext.Current.CancellationToken);
        Assert.Equal(2, Assert.Single(read.Value!.Acknowledgements).Index);
        var place = $"{TestNegotiation.Name}/acknowledged/us-normal/1-iran";
        foreach (var wrong in new byte[][] { [], [0, 0, 0, 0, 0, 0, 0, 1], [255, 0, 0, 0, 0, 0, 0, 2] })
        {
            _fixture.Store.Set(place, wrong);
            read = await reader.FindAsync(_head.Id, TestContext.Current.CancellationToken);
            Assert.Equal(LedgerReadStatus.Damaged, read.Status);
        }
    }

    [Fact]
    public async Task RunAsync_BeforeTheSignatureIsProved_IsOneAnswerInOneWord()
    {
        await RelayAsync();
        var elsewhere = await _fixture.Negotiation.ParseAsync(_fixture.Negotiation.Draft(negotiation: "geneva-2026"), "qatar", "oman");
        var answers = new HashSet<string>();
        foreach (var said in new[]
        {
            TestIdentities.Say(elsewhere.Head, "iran"),
            TestIdentities.Say(_head, "iran", keyOf: "us"),
            TestIdentities.Say(_head, "china", keyOf: "us"),
        })
        {
            var (response, body) = await PostAsync(said.Bytes);
            answers.Add($"{response.StatusCode} {body!.ToJsonString()}");
        }

        Assert.StartsWith("403 {\"type\":\"urn:relay:acknowledgement-not-proved\"", Assert.Single(answers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OnceProved_SaysWhatIsWrong()
    {
        await RelayAsync();
        await AssertAsync(403, "not-addressed", TestIdentities.Say(_head, "oslo"));
        var next = await _fixture.Negotiation.ParseAsync(
            _fixture.Negotiation.Draft() with { Id = _head.Id with { Sequence = 2 }, Previous = _head.Digest }, "qatar", "oman");
        await AssertAsync(404, "envelope-not-found", TestIdentities.Say(next.Head, "iran"));
        var early = _fixture.Time.GetUtcNow() + EnvelopeLimits.MaxClockSkew + TimeSpan.FromSeconds(1);
        await AssertAsync(422, "not-yet-issued", TestIdentities.Say(_head, "iran", at: early));
    }

    [Fact]
    public async Task RunAsync_ByAWorkerWhoseClockIsAhead_IsJudgedByTheServicesClock()
    {
        await RelayAsync();
        var ahead = EnvelopeLimits.MaxClockSkew + TimeSpan.FromSeconds(2);
        _fixture.Create<ServiceClock>().Observe(_fixture.Time.GetUtcNow() - ahead);
        await AssertAsync(422, "not-yet-issued", TestIdentities.Say(_head, "iran", at: _fixture.Time.GetUtcNow()));
    }

    [Fact]
    public async Task RunAsync_OfSomethingElse_IsRefusedUnread()
    {
        var (response, body) = await PostAsync("opened"u8.ToArray());
        Assert.Equal((400, "urn:relay:malformed-acknowledgement"), (response.StatusCode, (string?)body!["type"]));
        Assert.Contains("acknowledgement-malformed", (string?)body["detail"], StringComparison.Ordinal);
        (response, body) = await PostAsync(new byte[Acknowledgement.MaxBytes + 1]);
        Assert.Equal((413, "urn:relay:oversize"), (response.StatusCode, (string?)body!["type"]));
        (response, _) = await PostAsync(new byte[Acknowledgement.MaxBytes + 1], announce: false);
        Assert.Equal(413, response.StatusCode);
    }

    [Theory]
    [InlineData("read-only", 503)]
    [InlineData("closed", 201)]
    public async Task RunAsync_InAnotherMode_TakesWhatWasSaidBefore(string mode, int status)
    {
        await RelayAsync();
        _mode = mode;
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        var (response, body) = await PostAsync(TestIdentities.Say(_head, "iran").Bytes);
        Assert.Equal((status, status == 503), (response.StatusCode, response.Headers.RetryAfter.Count == 1));
        Assert.Equal(status == 503 ? "urn:relay:read-only" : null, (string?)body?["type"]);
    }

    [Fact]
    public async Task RunAsync_PastADelegationsShareOfASecond_Is429AndNobodyElsesIsSpent()
    {
        await RelayAsync();
        var said = TestIdentities.Say(_head, "iran").Bytes;
        for (var i = 0; i < 200; i++) Assert.Equal(201, (await PostAsync(said)).Response.StatusCode);
        var (response, _) = await PostAsync(said);
        Assert.Equal((429, "1"), (response.StatusCode, response.Headers.RetryAfter.ToString()));
        await AssertAsync(403, "not-addressed", TestIdentities.Say(_head, "oslo"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(201, (await PostAsync(said)).Response.StatusCode);
    }

    [Fact]
    public void Table_OfEveryVerdict_HasItsOwnTag() =>
        Assert.Equal(
            Enum.GetValues<AcknowledgementVerdict>().Length,
            Enum.GetValues<AcknowledgementVerdict>().Select(verdict => AcknowledgementTable.For(verdict).Tag).Distinct().Count());

    private async Task RelayAsync()
    {
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");
        var ruling = await _fixture.Create<RelayPipeline>().RelayAsync(
            wire, null, EnvelopeProcessor.Patience, gathering: null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Forwarded, ruling.Verdict);
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out _));
        _head = envelope.Head;
    }

    private async Task AssertAsync(int status, string reason, Acknowledgement said)
    {
        var (response, body) = await PostAsync(said.Bytes);
        Assert.Equal(
            (status, "urn:relay:" + reason, said.Id.ToString()), (response.StatusCode, (string?)body!["type"], (string?)body["id"]));
    }

    private async Task<(HttpResponse Response, JsonNode? Body)> PostAsync(ReadOnlyMemory<byte> body, bool announce = true)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = "/api/acknowledgements";
        context.Request.ContentType = Acknowledgement.MediaType;
        context.Request.Body = new MemoryStream(body.ToArray());
        context.Request.ContentLength = announce ? body.Length : null;
        context.Response.Body = new MemoryStream();
        var answer = await _fixture.Create<AcknowledgeEnvelope>().RunAsync(context.Request, TestContext.Current.CancellationToken);
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        DeclaredAnswers.Check(nameof(AcknowledgeEnvelope), context.Request.Method, context.Response.StatusCode);
        var text = Encoding.UTF8.GetString(Body(context.Response));
        return (context.Response, context.Response.StatusCode == 201 ? null : JsonNode.Parse(text));
    }

    private static byte[] Body(HttpResponse response) => ((MemoryStream)response.Body).ToArray();
}
