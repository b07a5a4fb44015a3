using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Protocol.Negotiations;
using Relay.Risk;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Reading;

public sealed class ReadSignalsTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    private readonly ReadingFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Signals_OfALedger_AreWhatAnyoneComputesFromItsEntries()
    {
        _fixture.Ledger.KeepDocument();
        await _fixture.CommitAsync(300);
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        var (response, body) = await GetAsync("?window=3600");
        Assert.Equal(
            (200, SignalEvent.MediaType, "private, no-cache"),
            (response.StatusCode, response.ContentType, response.Headers.CacheControl.ToString()));

        var document = NegotiationDocument.Parse(_fixture.Ledger.Document);
        var observations = new LedgerObservations(0, policy => policy == document.PolicyDigest ? document : null);
        foreach (var entry in _fixture.Ledger.Entries) Assert.True(observations.TryAdd(entry, out var error), error);
        var ledger = new LedgerStretch(0, 300, _fixture.Ledger.Tree.Root());
        var window = SignalWindow.Ending(_fixture.Time.GetUtcNow(), TimeSpan.FromHours(1));
        Assert.Equal(SignalEvent.Write(SignalCalculator.Compute(Name, ledger, observations, window), StoredLedger.RelayName), body);
        Assert.Equal(300, (int)JsonNode.Parse(body)!["data"]!["senders"]![0]!["envelopes"]!);
    }

    [Fact]
    public async Task Signals_WithATimeBeforeAnything_HaveNothing()
    {
        _fixture.Ledger.KeepDocument();
        await _fixture.CommitAsync(3);
        var (_, body) = await GetAsync($"?until={_fixture.Time.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds()}");
        var data = JsonNode.Parse(body)!["data"]!;
        Assert.Empty(data["senders"]!.AsArray());
        Assert.Equal(3, (int)data["ledger"]!["size"]!);
    }

    [Theory]
    [InlineData("?window=59")]
    [InlineData("?window=")]
    [InlineData("?window=3600&window=60")]
    [InlineData("?until=yesterday")]
    [InlineData("?until=1")]
    public async Task Signals_OfABadWindow_AreRefused(string query)
    {
        await _fixture.CommitAsync(1);
        var (response, body) = await GetAsync(query);
        Assert.Equal((400, "urn:relay:bad-window"), (response.StatusCode, (string)JsonNode.Parse(body)!["type"]!));
    }

    [Fact]
    public async Task Signals_WithoutALedger_AreNotFound() => Assert.Equal(404, (await GetAsync("")).Response.StatusCode);

    [Fact]
    public async Task Signals_OfADamagedBundle_Are500AndOfAStrangerNothing()
    {
        _fixture.Ledger.KeepDocument();
        await _fixture.CommitAsync(3);
        Assert.Equal(403, (await GetAsync("", _fixture.Stranger)).Response.StatusCode);
        var path = LedgerPaths.Tile(Name, new(Protocol.Merkle.TileId.EntriesLevel, 0, 3));
        var stored = _fixture.Store.Find(path)!.Content.ToArray();
        stored[10] ^= 1;
        _fixture.Store.Set(path, stored);
        Assert.Equal(500, (await GetAsync("")).Response.StatusCode);
    }

    // The document that entries were judged by is part of the ledger.
    [Fact]
    public async Task Signals_WithoutTheDocument_Are500()
    {
        await _fixture.CommitAsync(3);
        Assert.Equal(500, (await GetAsync("")).Response.StatusCode);
    }

    [Fact]
    public async Task Signals_AskedForAgain_ReadNoEntries()
    {
        _fixture.Ledger.KeepDocument();
        await _fixture.CommitAsync(3);
        await GetAsync("");
        var reads = _fixture.Store.Reads;
        await GetAsync("");
        var again = _fixture.Store.Reads - reads;
        await _fixture.CommitAsync(1);
        reads = _fixture.Store.Reads;
        var (_, body) = await GetAsync("");
        Assert.Equal(4, (int)JsonNode.Parse(body)!["data"]!["ledger"]!["size"]!);
        Assert.InRange(again, 1, _fixture.Store.Reads - reads - 2);
    }

    private Task<(HttpResponse Response, byte[] Body)> GetAsync(
        string query, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null)
    {
        var request = ReadingFixture.Request(certificate ?? _fixture.Certificate, query);
        return _fixture.CallAsync(
            request,
            "ReadSignals",
            Name,
            () => _fixture.Create<ReadSignals>().SignalsAsync(request, Name, TestContext.Current.CancellationToken));
    }
}
