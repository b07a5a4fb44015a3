using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Directory;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Rulings;
using Relay.Core.Tests;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Functions.Tests;

public sealed class DelegationPrekeysTests : IAsyncDisposable
{
    private readonly FunctionsFixture _fixture = new();
    private string _mode = "open";

    public DelegationPrekeysTests()
    {
        _fixture.Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(TestIdentities.Document(_mode, _mode == "open" ? 7 : 8))
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Prekeys_PublishedAndClaimed_AreAnsweredWithReceiptsEachTime()
    {
        var bundle = Bundle(1, 1);
        foreach (var status in new[] { 201, 200 })
        {
            var (response, body) = await PutAsync(bundle.Bytes);
            Assert.Equal((status, "text/plain; charset=utf-8"), (response.StatusCode, response.ContentType));
            Assert.True(PrekeysReceipt.TryParse(body, out var receipt, out _, out var error), error);
            Assert.Equal((1L, bundle.Digest), (receipt.Proof.Index, receipt.Entry.Bundle.Digest));
            using var verifier = new ReceiptVerifier("relay/" + TestNegotiation.Name, _ => _fixture.Certifier.PublicKey);
            Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _fixture.Time.GetUtcNow(), out _));
        }

        var claim = Claim("us", "iran", 1, 2);
        foreach (var _ in new[] { 1, 2 })
        {
            var (response, body) = await PostAsync(claim.Bytes);
            Assert.Equal((200, "application/json"), (response.StatusCode, response.ContentType));
            Assert.True(ClaimAnswer.TryParse(body, out var answer, out var error), error);
            var receipt = Assert.Single(answer.Receipts);
            Assert.Equal((2L, 1L, "nn"), (receipt.Proof.Index, receipt.Entry.Previous, receipt.Entry.Marks));
            Assert.Equal("iran#once-2", answer.KeyOf(claim.Envelopes[1])!.Key.KeyId);
            Assert.Equal(PrekeyFault.None, Assert.Single(answer.Bundles).Verify(TestIdentities.ParsedDocument(), out var detail));
            Assert.Empty(detail);
        }

        var read = await _fixture.Create<LedgerReader>().PrekeysAsync(TestNegotiation.Name, "iran", TestContext.Current.CancellationToken);
        Assert.Equal((1, 3, 1, bundle.Digest), (read.Value!.Number, read.Value.Count, read.Value.Left, read.Value.Bundle));
        read = await _fixture.Create<LedgerReader>().PrekeysAsync(TestNegotiation.Name, "us", TestContext.Current.CancellationToken);
        Assert.Equal(LedgerReadStatus.Absent, read.Status);
    }

    [Fact]
    public async Task Prekeys_BeforeTheSignatureIsProved_AreOneAnswerInOneWord()
    {
        var answers = new HashSet<string>();
        var elsewhere = TestPrekeys.Bundle("iran", 1, 1, 1, _fixture.Time.GetUtcNow(), negotiation: "geneva-2026");
        answers.Add(await ProblemAsync(PutAsync(elsewhere.Bytes, "geneva-2026")));
        answers.Add(await ProblemAsync(PutAsync(Broken(Bundle(1, 1).Bytes))));
        answers.Add(await ProblemAsync(PostAsync(Broken(Claim("us", "iran", 1).Bytes))));
        Assert.Equal("403 urn:relay:prekeys-not-proved", Assert.Single(answers));
    }

    [Fact]
    public async Task Prekeys_ThatMayNotBe_AreRefusedWithAReason()
    {
        var now = _fixture.Time.GetUtcNow();
        Assert.Equal("404 urn:relay:prekeys-not-found", await ProblemAsync(PostAsync(Claim("us", "iran", 1).Bytes)));
        Assert.Equal("403 urn:relay:prekeys-of-another", await ProblemAsync(PutAsync(TestPrekeys.Bundle("us", 1, 1, 1, now).Bytes)));
        Assert.Equal("403 urn:relay:prekeys-of-another", await ProblemAsync(PostAsync(Claim("iran", "us", 1).Bytes)));
        Assert.Equal("403 urn:relay:route-forbidden", await ProblemAsync(PostAsync(Claim("oslo", "iran", 1).Bytes)));
        var early = TestPrekeys.Bundle("iran", 1, 1, 1, now + EnvelopeLimits.MaxClockSkew + TimeSpan.FromSeconds(1));
        Assert.Equal("422 urn:relay:not-yet-issued", await ProblemAsync(PutAsync(early.Bytes)));
        var over = TestPrekeys.Bundle("iran", 1, 1, 1, now.AddDays(-3));
        Assert.Equal("422 urn:relay:prekeys-too-old", await ProblemAsync(PutAsync(over.Bytes)));
        Assert.Equal(201, (await PutAsync(Bundle(2, 1).Bytes)).Response.StatusCode);
        Assert.Equal("409 urn:relay:prekeys-older-number", await ProblemAsync(PutAsync(Bundle(1, 4).Bytes)));
        Assert.Equal("409 urn:relay:prekeys-come-back", await ProblemAsync(PutAsync(Bundle(3, 3).Bytes)));
        Assert.Equal("400 urn:relay:malformed-prekeys", await ProblemAsync(PutAsync("{}"u8.ToArray())));
        Assert.Equal("400 urn:relay:malformed-prekeys", await ProblemAsync(PostAsync(Bundle(3, 4).Bytes)));
        Assert.Equal("413 urn:relay:oversize", await ProblemAsync(PutAsync(new byte[PrekeyBundle.MaxBytes + 1])));
        Assert.Equal("413 urn:relay:oversize", await ProblemAsync(PostAsync(new byte[PrekeyClaim.MaxBytes + 1])));
    }

    [Fact]
    public async Task Prekeys_AtAWorkerWhoseClockIsAhead_AreJudgedByTheServicesClock()
    {
        var ahead = EnvelopeLimits.MaxClockSkew + TimeSpan.FromSeconds(2);
        _fixture.Create<ServiceClock>().Observe(_fixture.Time.GetUtcNow() - ahead);
        Assert.Equal("422 urn:relay:not-yet-issued", await ProblemAsync(PutAsync(Bundle(1, 1).Bytes)));
        Assert.Equal("422 urn:relay:not-yet-issued", await ProblemAsync(PostAsync(Claim("us", "iran", 1).Bytes)));
    }

    [Theory]
    [InlineData("read-only", "503 urn:relay:read-only")]
    [InlineData("closed", "403 urn:relay:negotiation-closed")]
    public async Task Prekeys_InAnotherMode_AreRefused(string mode, string expected)
    {
        Assert.Equal(201, (await PutAsync(Bundle(1, 1).Bytes)).Response.StatusCode);
        _mode = mode;
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(expected, await ProblemAsync(PutAsync(Bundle(2, 4).Bytes)));
        Assert.Equal(expected, await ProblemAsync(PostAsync(Claim("us", "iran", 1).Bytes)));
    }

    [Fact]
    public async Task Prekeys_PastADelegationsShareOfASecond_Are429()
    {
        var bundle = Bundle(1, 1);
        for (var i = 0; i < 50; i++) Assert.InRange((await PutAsync(bundle.Bytes)).Response.StatusCode, 200, 201);
        Assert.Equal("429 urn:relay:too-many-prekey-calls", await ProblemAsync(PutAsync(bundle.Bytes)));
        Assert.Equal(200, (await PostAsync(Claim("us", "iran", 1).Bytes)).Response.StatusCode);
    }

    [Fact]
    public void Table_OfEveryVerdict_HasItsOwnTag() =>
        Assert.Equal(
            Enum.GetValues<PrekeyVerdict>().Length,
            Enum.GetValues<PrekeyVerdict>().Select(verdict => PrekeyTable.For(verdict).Tag).Distinct().Count());

    private PrekeyBundle Bundle(long number, long first) => TestPrekeys.Bundle("iran", number, first, 3, _fixture.Time.GetUtcNow());

    private PrekeyClaim Claim(string claimer, string target, params long[] sequences) =>
        TestPrekeys.Claim(claimer, target, _fixture.Time.GetUtcNow(), sequences);

    private static byte[] Broken(ReadOnlyMemory<byte> compact)
    {
        var bytes = compact.ToArray();
        bytes[^10] = bytes[^10] == (byte)'A' ? (byte)'B' : (byte)'A';
        return bytes;
    }

    private static async Task<string> ProblemAsync(Task<(HttpResponse Response, byte[] Body)> asked)
    {
        var (response, body) = await asked;
        return $"{response.StatusCode} {(string?)JsonNode.Parse(Encoding.UTF8.GetString(body))!["type"]}";
    }

    private Task<(HttpResponse Response, byte[] Body)> PutAsync(ReadOnlyMemory<byte> body, string negotiation = TestNegotiation.Name) =>
        SendAsync(
            HttpMethods.Put,
            body,
            (functions, request) => functions.PublishAsync(request, negotiation, "iran", TestContext.Current.CancellationToken));

    private Task<(HttpResponse Response, byte[] Body)> PostAsync(ReadOnlyMemory<byte> body) =>
        SendAsync(
            HttpMethods.Post,
            body,
            (functions, request) => functions.ClaimAsync(request, TestNegotiation.Name, "iran", TestContext.Current.CancellationToken));

    private async Task<(HttpResponse Response, byte[] Body)> SendAsync(
        string method, ReadOnlyMemory<byte> body, Func<DelegationPrekeys, HttpRequest, Task<IActionResult>> runAsync)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = method;
        context.Request.Path = "/api/negotiations";
        context.Request.Body = new MemoryStream(body.ToArray());
        context.Request.ContentLength = body.Length;
        context.Response.Body = new MemoryStream();
        // Whoever asks for a check is asked for a certificate by a part that these do not need.
        var functions = new DelegationPrekeys(
            _fixture.Create<Relay.Core.Prekeys.PrekeyPipeline>(),
            null!,
            null!,
            _fixture.Create<Relay.Core.Diagnostics.RelayTelemetry>(),
            _fixture.Create<ProvingBodies>());
        await (await runAsync(functions, context.Request)).ExecuteResultAsync(new ActionContext { HttpContext = context });
        var function = method == HttpMethods.Put ? "PublishPrekeys" : "ClaimPrekeys";
        DeclaredAnswers.Check(function, method, context.Response.StatusCode);
        return (context.Response, ((MemoryStream)context.Response.Body).ToArray());
    }
}
