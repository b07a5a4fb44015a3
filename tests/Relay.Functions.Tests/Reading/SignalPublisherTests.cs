using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Store;
using Relay.Core.Tests;
using Relay.Functions.Reading;
using Relay.Risk;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Reading;

public sealed class SignalPublisherTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    // At the beginning of an hour.
    private readonly ReadingFixture _fixture = new();
    private readonly RecordingFeed _feed = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Run_EveryMinuteOfADay_TellsOnceAnHourWhatTheRouteAnswers()
    {
        await BeginAsync();
        var publisher = Create();
        await publisher.RunAsync(Token);
        // The ledger began after the hour: nothing of it can be in the signals.
        Assert.Empty(_feed.Told);
        for (var minute = 0; minute < 180; minute++)
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            await publisher.RunAsync(Token);
        }

        Assert.Equal(3, _feed.Told.Count);
        Assert.All(
            _feed.Told,
            told => Assert.Equal((Name, SignalEvent.Type, SignalEvent.MediaType), (told.Negotiation, told.Kind, told.MediaType)));
        var until = _fixture.Time.GetUtcNow().ToUnixTimeMilliseconds() / 3_600_000 * 3_600_000;
        var request = ReadingFixture.Request(_fixture.Certificate, $"?until={until}");
        var (_, body) = await _fixture.CallAsync(
            request, "ReadSignals", Name, () => _fixture.Create<ReadSignals>().SignalsAsync(request, Name, Token));
        Assert.Equal(body, _feed.Told[^1].Body);
    }

    [Fact]
    public async Task Run_OfSeveralWorkersAndAfterARestart_TellsEachHourOnce()
    {
        await BeginAsync();
        for (var hour = 0; hour < 4; hour++)
        {
            _fixture.Time.Advance(TimeSpan.FromHours(1));
            foreach (var publisher in new[] { Create(), Create() }) await publisher.RunAsync(Token);
        }

        Assert.Equal(4, _feed.Told.Select(told => IdOf(told.Body)).Distinct().Count());
        Assert.Equal(4, _feed.Told.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_CutBeforeOrAfterTheTopicHasThem_TellsTheSameBytesAgain(bool reached)
    {
        await BeginAsync();
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        _feed.Answer = reached;
        var store = new FailingStore(_fixture.Store) { IsCut = reached };
        await Create(store).RunAsync(Token);
        // Meanwhile the ledger has grown.
        await _fixture.CommitAsync(2);
        _feed.Answer = true;
        await Create().RunAsync(Token);
        await Create().RunAsync(Token);
        Assert.Equal(reached ? 2 : 1, _feed.Told.Count);
        Assert.Single(_feed.Told.Select(told => IdOf(told.Body)).Distinct());
        Assert.Single(_feed.Told.Select(told => Encoding.UTF8.GetString(told.Body)).Distinct());
    }

    [Fact]
    public async Task Run_OfALedgerThatIsStill_EndsWithTheFirstQuietDay()
    {
        await BeginAsync();
        for (var hour = 0; hour < 72; hour++)
        {
            _fixture.Time.Advance(TimeSpan.FromHours(1));
            await Create().RunAsync(Token);
        }

        Assert.InRange(_feed.Told.Count, 24, 26);
        Assert.Equal(0, (int)JsonNode.Parse(_feed.Told[^1].Body)!["data"]!["senders"]![0]!["envelopes"]!);
        await _fixture.CommitAsync(1);
        var before = _feed.Told.Count;
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        await Create().RunAsync(Token);
        Assert.Equal(before + 1, _feed.Told.Count);
    }

    [Fact]
    public async Task Run_OverADamagedMark_BeginsAnew()
    {
        await BeginAsync();
        _fixture.Store.Set(ToldSignals.BlobOf(Name), "nonsense"u8.ToArray());
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        await Create().RunAsync(Token);
        await Create().RunAsync(Token);
        Assert.Single(_feed.Told);
    }

    [Fact]
    public async Task Run_OverADamagedLedger_LooksAtItOnceAnHour()
    {
        await BeginAsync();
        var path = Core.Ledger.State.LedgerPaths.Checkpoint(Name);
        _fixture.Store.Set(path, "nonsense"u8.ToArray());
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        var publisher = Create();
        await publisher.RunAsync(Token);
        var reads = _fixture.Store.Reads;
        await publisher.RunAsync(Token);
        Assert.Equal((reads, 0), (_fixture.Store.Reads, _feed.Told.Count));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string IdOf(byte[] body) => (string)JsonNode.Parse(body)!["id"]!;

    private async Task BeginAsync()
    {
        _fixture.Ledger.KeepDocument();
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        await _fixture.CommitAsync(3);
        _fixture.Store.Set(Core.Ledger.State.LedgerPaths.Marker(Name), Array.Empty<byte>());
    }

    private SignalPublisher Create(ILedgerStore? store = null) => new(
        _fixture.Get<NegotiationLedgers>(),
        _fixture.Reader,
        _fixture.Get<SignalReader>(),
        store ?? _fixture.Store,
        _feed,
        _fixture.Time,
        NullLogger<SignalPublisher>.Instance);

    private sealed class FailingStore(MemoryLedgerStore store) : ILedgerStore
    {
        /// <summary>Replaces nothing: the worker dies after the topic has the event.</summary>
        public bool IsCut { get; init; }

        public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) => store.GetAsync(name, cancellationToken);

        public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            store.PutIfAbsentAsync(name, content, cancellationToken);

        public ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
            IsCut ? throw new LedgerStoreException("cut") : store.PutIfMatchAsync(name, content, etag, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
            store.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => store.DeleteAsync(name, cancellationToken);
    }
}
