using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Core.Verification;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Reading;

public sealed class ReadLedgerTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    private readonly ReadingFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Ledger_ReadAsAMirrorWould_VerifiesWithoutTheRelaysCode()
    {
        await _fixture.CommitAsync(300);
        var (response, note) = await GetAsync(request => _fixture.ReadLedger.CheckpointAsync(request, Name, Token));
        Assert.Equal(
            (200, "text/plain; charset=utf-8", "private, no-cache"),
            (response.StatusCode, response.ContentType, response.Headers.CacheControl.ToString()));
        Assert.True(
            SignedCheckpoint.TryParse(
                note,
                System.Text.Encoding.ASCII.GetBytes(response.Headers["Relay-Checkpoint-Key"].ToString()),
                out var signed,
                out var error),
            error);
        using var verifier = new ReceiptVerifier(_fixture.Ledger.Origin, _ => _fixture.Certifier.PublicKey);
        Assert.Equal(ReceiptFault.None, verifier.Check(signed, _fixture.Time.GetUtcNow(), out _));

        var tree = new MerkleTree();
        foreach (var path in new[] { "entries/000", "entries/001.p/44" })
        {
            (response, var bundle) = await GetAsync(request => _fixture.ReadLedger.TileAsync(request, Name, path, Token));
            Assert.Equal(
                (200, "application/octet-stream", "private, max-age=31536000, immutable"),
                (response.StatusCode, response.ContentType, response.Headers.CacheControl.ToString()));
            Assert.True(
                EntryBundle.TryRead(bundle, path.EndsWith("44", StringComparison.Ordinal) ? 44 : 256, out var entries, out error), error);
            foreach (var entry in entries) tree.Append(MerkleHash.Leaf(entry.Span));
        }

        Assert.Equal(signed.Checkpoint.Root, tree.Root());
        foreach (var path in new[] { "0/000", "0/001.p/44", "0/001.p/7", "1/000.p/1" })
        {
            (response, var tile) = await GetAsync(request => _fixture.ReadLedger.TileAsync(request, Name, path, Token));
            Assert.Equal(200, response.StatusCode);
            Assert.True(TileId.TryParse($"tile/{path}", out var id));
            Assert.Equal(HashTile.Create(id, tree)!.Bytes.ToArray(), tile);
        }

        (response, var body) = await GetAsync(request => _fixture.ReadLedger.ConsistencyAsync(request, Name, Token), "?from=7&to=300");
        var hashes = JsonNode.Parse(body)!["hashes"]!
            .AsArray()
            .Select(hash => new Digest(Convert.FromBase64String(hash!.GetValue<string>())))
            .ToArray();
        Assert.True(MerkleProof.VerifyConsistency(7, tree.Root(7), 300, tree.Root(), hashes));
        var keyId = signed.Note.Signatures[0].KeyId.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
        (response, body) = await GetAsync(request => _fixture.ReadLedger.CertificateAsync(request, Name, keyId, Token));
        Assert.Equal((200, signed.Certificate.Bytes.ToArray()), (response.StatusCode, body), Same);
    }

    [Fact]
    public async Task Envelope_LoggedHeldOrAbsent_IsTold()
    {
        await _fixture.CommitAsync(2);
        await _fixture.Ledger.PutHeadAsync(_fixture.Time.GetUtcNow(), "us", [4], Token);
        var (response, body) = await GetAsync(request => _fixture.ReadEnvelope.StatusAsync(request, Name, "us", "normal", "2", Token));
        Assert.Equal(
            (200, "logged", 1),
            (response.StatusCode, JsonNode.Parse(body)!["status"]!.GetValue<string>(), JsonNode.Parse(body)!["index"]!.GetValue<int>()));
        (response, body) = await GetAsync(request => _fixture.ReadEnvelope.StatusAsync(request, Name, "us", "normal", "4", Token));
        Assert.Equal("""{"id":"doha-2026/us/normal/4","status":"held"}""", System.Text.Encoding.UTF8.GetString(body));
        (response, body) = await GetAsync(request => _fixture.ReadEnvelope.ReceiptAsync(request, Name, "us", "normal", "1", Token));
        Assert.Equal((200, "text/plain; charset=utf-8"), (response.StatusCode, response.ContentType));
        Assert.True(Receipt.TryParse(body, out var receipt, out _, out _));
        Assert.Equal(0, receipt.Proof.Index);
        foreach (var (lane, sequence) in new[] { ("normal", "4"), ("normal", "9"), ("normal", "0"), ("later", "1") })
        {
            (response, body) = await GetAsync(request => _fixture.ReadEnvelope.ReceiptAsync(request, Name, "us", lane, sequence, Token));
            AssertProblem(404, lane == "normal" && sequence != "0" ? "receipt-not-found" : "envelope-not-found", response, body);
        }
    }

    [Theory]
    [InlineData("us", 9, 3)]
    [InlineData("us", 3, 3)]
    [InlineData("iran", 7, 1)]
    public async Task Envelope_AheadOfItsStream_IsToldWhatIsNext(string sender, long sequence, long next)
    {
        await _fixture.CommitAsync(2);
        await _fixture.Ledger.PutHeadAsync(_fixture.Time.GetUtcNow(), "us", [4], Token);
        var (response, body) = await GetAsync(request => _fixture.ReadEnvelope.StatusAsync(
            request, Name, sender, "normal", sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), Token));
        AssertProblem(404, "envelope-not-found", response, body);
        Assert.Equal(next, JsonNode.Parse(body)!["next"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("0/002", 404, "tile-not-found")]
    [InlineData("0/0", 404, "tile-not-found")]
    [InlineData("../head", 404, "tile-not-found")]
    [InlineData("63/000", 404, "tile-not-found")]
    public async Task Tile_BeyondOrMalformed_IsAProblem(string path, int status, string reason)
    {
        await _fixture.CommitAsync(3);
        var (response, body) = await GetAsync(request => _fixture.ReadLedger.TileAsync(request, Name, path, Token));
        AssertProblem(status, reason, response, body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?from=1")]
    [InlineData("?from=2&to=1")]
    [InlineData("?from=-1&to=1")]
    [InlineData("?from=1&to=1&to=2")]
    [InlineData("?from=1&to=9007199254740992")]
    public async Task Consistency_BadSizes_AreAProblem(string query)
    {
        await _fixture.CommitAsync(3);
        var (response, body) = await GetAsync(request => _fixture.ReadLedger.ConsistencyAsync(request, Name, Token), query);
        AssertProblem(400, "bad-sizes", response, body);
        (response, body) = await GetAsync(request => _fixture.ReadLedger.ConsistencyAsync(request, Name, Token), "?from=1&to=4");
        AssertProblem(404, "consistency-not-found", response, body);
    }

    [Fact]
    public async Task Envelope_BelowQuorumSoFar_IsToldWithWeightAndWhoIsMissingToWhoMayRead()
    {
        var negotiation = new TestNegotiation(_fixture.Time.GetUtcNow());
        foreach (var mediator in new[] { "qatar", "oman", "swiss" })
        {
            var key = negotiation.VerificationKeyOf(mediator);
            _fixture.Keys.Keys[TestNegotiation.KeyId(mediator)] = new KeyLookup(KeyStatus.Usable, key);
        }

        var copy = await negotiation.SignAsync("oman");
        var ruling = await _fixture.Pipeline.RelayAsync(copy, null, TimeSpan.FromMinutes(1), gathering: null, Token);
        Assert.Equal(Core.Rulings.Verdict.Pending, ruling.Verdict);

        var (response, body) = await GetAsync(request => _fixture.ReadEnvelope.StatusAsync(request, Name, "us", "normal", "1", Token));
        var quorum = JsonNode.Parse(body)!["quorum"]!;
        Assert.Equal((200, "pending"), (response.StatusCode, JsonNode.Parse(body)!["status"]!.GetValue<string>()));
        Assert.Equal((1, 3), (quorum["weight"]!.GetValue<int>(), quorum["required"]!.GetValue<int>()));
        Assert.Equal("""["oman"] ["qatar","swiss"]""", $"{quorum["signed"]!.ToJsonString()} {quorum["missing"]!.ToJsonString()}");

        (response, body) = await GetAsync(request => _fixture.ReadEnvelope.StatusAsync(request, Name, "us", "normal", "2", Token));
        AssertProblem(404, "envelope-not-found", response, body);
        var stranger = ReadingFixture.Request(_fixture.Stranger);
        (response, body) = await _fixture.CallAsync(
            stranger, "ReadEnvelopeStatus", Name, () => _fixture.ReadEnvelope.StatusAsync(stranger, Name, "us", "normal", "1", Token));
        AssertProblem(403, "not-a-caller", response, body);
    }

    [Fact]
    public async Task Entries_Damaged_AreRefusedWithoutSayingWhatIsThere()
    {
        await _fixture.CommitAsync(3);
        _fixture.Store.Set(LedgerPaths.Tile(Name, new TileId(TileId.EntriesLevel, 0, 3)), new byte[] { 1, 2, 3 });
        var (response, body) = await GetAsync(request => _fixture.ReadLedger.TileAsync(request, Name, "entries/000.p/3", Token));
        AssertProblem(500, "ledger-damaged", response, body);
        _fixture.Certifier.IsAvailable = false;
    }

    private static bool Same((int, byte[]) one, (int, byte[]) other) =>
        one.Item1 == other.Item1 && one.Item2.AsSpan().SequenceEqual(other.Item2);

    private static void AssertProblem(int status, string reason, HttpResponse response, byte[] body)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.ContentType));
        Assert.Equal($"urn:relay:{reason}", JsonNode.Parse(body)!["type"]!.GetValue<string>());
        Assert.StartsWith("expected ", JsonNode.Parse(body)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private async Task<(HttpResponse Response, byte[] Body)> GetAsync(Func<HttpRequest, Task<IActionResult>> get, string query = "")
    {
        var request = ReadingFixture.Request(_fixture.Certificate, query);
        return await ReadingFixture.ExecuteAsync(request, get(request));
    }
}
