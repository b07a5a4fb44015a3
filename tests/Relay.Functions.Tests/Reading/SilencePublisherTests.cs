using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Functions.Reading;
using Relay.Functions.Silences;
using Relay.Risk;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Reading;

public sealed class SilencePublisherTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    private readonly ReadingFixture _fixture = new();
    private readonly RecordingFeed _feed = new();
    private readonly SilencePublisher _publisher;

    public SilencePublisherTests() => _publisher = Create();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Run_SenderStops_IsToldOnceAndToldBack()
    {
        await BeginAsync();
        await WatchAsync(TimeSpan.FromMinutes(20));
        var silent = Assert.Single(_feed.Told, told => PartyOf(told) == "us");
        Assert.Equal(("relay.silent.v1", SilenceEvent.MediaType, Name), (silent.Kind, silent.MediaType, silent.Negotiation));
        // Nobody else is heard, and nothing ails the relay.
        Assert.Equal("path", (string)JsonNode.Parse(silent.Body)!["data"]!["cause"]!);
        var at = (DateTimeOffset)JsonNode.Parse(silent.Body)!["data"]!["at"]!;
        var since = (DateTimeOffset)JsonNode.Parse(silent.Body)!["data"]!["since"]!;
        Assert.InRange((at - since).TotalSeconds, 2 * 30, 15 * 30);

        await _fixture.CommitAsync(1);
        await WatchAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("relay.back.v1", _feed.Told[^1].Kind);
        Assert.Equal(2, _feed.Told.Count(told => PartyOf(told) == "us"));
    }

    [Fact]
    public async Task Run_ByAnotherWorkerAfterwards_TellsTheSameUnderTheSameId()
    {
        await BeginAsync();
        await WatchAsync(TimeSpan.FromMinutes(20));
        var told = _feed.Told.Count;
        var other = Create();
        await other.EnlistAsync(null, Token);
        await other.RunAsync(TimeSpan.Zero, Token);
        Assert.Equal(2 * told, _feed.Told.Count);
        Assert.Equal(told, _feed.Told.Select(one => (string)JsonNode.Parse(one.Body)!["id"]!).Distinct().Count());
    }

    /// <summary>What a worker knows of rhythms is in memory; the ledger gives it back to the next one.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(45)]
    [InlineData(100)]
    public async Task Run_ByAWorkerThatStartsInTheMiddleOfASilence_TellsAtTheSameMomentByTheSameRhythm(int seconds)
    {
        await BeginAsync();
        await WatchAsync(TimeSpan.FromSeconds(seconds));
        Assert.Empty(_feed.Told);
        var (feed, unbroken) = (new RecordingFeed(), _publisher);
        var started = Create(feed);
        for (var second = 0; second < 1_200; second++)
        {
            if (second % 60 == 0) await unbroken.EnlistAsync(null, Token);
            if (second % 60 == 0) await started.EnlistAsync(null, Token);
            await StepAsync();
            await started.RunAsync(TimeSpan.Zero, Token);
        }

        Assert.Contains(_feed.Told, told => PartyOf(told) == "us");
        Assert.Equal(_feed.Told.Select(Said), feed.Told.Select(Said));
    }

    /// <summary>After two hours away its first look finds nobody heard since, and it was not they who were silent.</summary>
    [Fact]
    public async Task Run_AfterAnOutageOfTheWholeApp_TellsNobodySilentForItAndThenWhoReallyIs()
    {
        await BeginAsync();
        var lastRun = _fixture.Time.GetUtcNow();
        _fixture.Time.Advance(TimeSpan.FromHours(2));
        // A process that starts is late at first.
        await _publisher.RunAsync(TimeSpan.FromSeconds(3), Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await _publisher.EnlistAsync(lastRun, Token);
        await _publisher.RunAsync(TimeSpan.FromSeconds(1), Token);
        await StepAsync();
        Assert.Empty(_feed.Told);
        await WatchAsync(TimeSpan.FromMinutes(20));
        var silent = Assert.Single(_feed.Told, told => PartyOf(told) == "us");
        var at = (DateTimeOffset)JsonNode.Parse(silent.Body)!["data"]!["at"]!;
        Assert.InRange((at - lastRun).TotalSeconds, 7_200 + 60, 7_200 + 450);
    }

    /// <summary>Another worker had the timer until now: whoever stopped meanwhile is told at once.</summary>
    [Fact]
    public async Task Run_ByAWorkerThatTakesOverTheTimer_TellsAtOnce()
    {
        await BeginAsync();
        _fixture.Time.Advance(TimeSpan.FromHours(2));
        await _publisher.EnlistAsync(_fixture.Time.GetUtcNow() - TimeSpan.FromMinutes(1), Token);
        await StepAsync();
        Assert.Contains(_feed.Told, told => PartyOf(told) == "us");
    }

    [Fact]
    public async Task Run_WhileTheTopicIsAway_TellsAfterwards()
    {
        await BeginAsync();
        _feed.Answer = false;
        await WatchAsync(TimeSpan.FromMinutes(20));
        Assert.Empty(_feed.Told);
        _feed.Answer = true;
        await WatchAsync(TimeSpan.FromSeconds(2));
        Assert.Contains(_feed.Told, told => PartyOf(told) == "us");
    }

    [Fact]
    public async Task Run_WhileADependencyIsDown_TellsOfTheRelayAlone()
    {
        await BeginAsync();
        await WatchAsync(TimeSpan.FromSeconds(10));
        var circuit = _fixture.Get<DependencyCircuit>();
        circuit.Note(Dependency.Vault, works: false);
        circuit.Note(Dependency.Vault, works: false);
        await WatchAsync(TimeSpan.FromMinutes(20));
        var told = Assert.Single(_feed.Told);
        Assert.Equal(("relay", "relay"), (KindOf(told), (string)JsonNode.Parse(told.Body)!["data"]!["cause"]!));
        circuit.Note(Dependency.Vault, works: true);
        await WatchAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["relay.silent.v1", "relay.back.v1"], _feed.Told.Select(one => one.Kind));
    }

    [Fact]
    public async Task Run_NotEnlisted_ReadsNothing()
    {
        await BeginAsync();
        var reads = _fixture.Store.Reads;
        for (var second = 0; second < 300; second++) await StepAsync();
        Assert.Equal(reads, _fixture.Store.Reads);
    }

    // A minute apart at the most, whatever there is: a checkpoint each time, and the bundle that is new.
    [Fact]
    public async Task Run_OverAQuietLedger_ReadsItOnceAMinute()
    {
        await _fixture.CommitAsync(3);
        _fixture.Ledger.KeepDocument();
        _fixture.Store.Set(LedgerPaths.Marker(Name), Array.Empty<byte>());
        await WatchAsync(TimeSpan.FromMinutes(2));
        var reads = _fixture.Store.Reads;
        await WatchAsync(TimeSpan.FromMinutes(10));
        Assert.InRange(_fixture.Store.Reads - reads, 10, 30);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string PartyOf(ToldEvent told) => (string)JsonNode.Parse(told.Body)!["data"]!["party"]!;

    private static string KindOf(ToldEvent told) => (string)JsonNode.Parse(told.Body)!["data"]!["kind"]!;

    // Two hours of an envelope every thirty seconds.
    private async Task BeginAsync()
    {
        _fixture.Ledger.KeepDocument();
        for (var i = 0; i < 240; i++)
        {
            await _fixture.CommitAsync(1);
            _fixture.Time.Advance(TimeSpan.FromSeconds(30));
        }

        _fixture.Store.Set(LedgerPaths.Marker(Name), Array.Empty<byte>());
    }

    private async Task WatchAsync(TimeSpan length)
    {
        for (var second = 0; second < length.TotalSeconds; second++)
        {
            if (second % 60 == 0) await _publisher.EnlistAsync(null, Token);
            await StepAsync();
        }
    }

    private async Task StepAsync()
    {
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await _publisher.RunAsync(TimeSpan.Zero, Token);
    }

    private static (string, string, DateTimeOffset) Said(ToldEvent told) =>
        ((string)JsonNode.Parse(told.Body)!["id"]!, PartyOf(told), (DateTimeOffset)JsonNode.Parse(told.Body)!["data"]!["at"]!);

    private SilencePublisher Create(RecordingFeed? feed = null) => new(
        _fixture.Get<NegotiationLedgers>(),
        _fixture.Get<SignalReader>(),
        feed ?? _feed,
        _fixture.Get<Readiness>(),
        Options.Create(new SilenceOptions { Learn = TimeSpan.FromHours(1) }),
        new SilenceTelemetry(_fixture.Meters),
        _fixture.Time,
        new RecordingLogger<SilencePublisher>());
}
