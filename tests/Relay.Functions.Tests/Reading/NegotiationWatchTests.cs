using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Core.Tests;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Tests.Reading;

public sealed class NegotiationWatchTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;
    private const int Seconds = 20;

    private readonly ReadingFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Stats_LookedAtAgain_AreMadeForThoseOfWhomSomethingIsNew()
    {
        await CommitAsync(3);
        var stats = _fixture.Get<StatsReader>();
        string[] names = [Name, .. Enumerable.Range(1, 199).Select(static i => $"n{i}")];
        var watches = names.ToDictionary(static name => name, stats.Watch);
        Assert.Equal(names, await MadeAsync());

        // Each second a head is asked for, and nothing else.
        var reads = _fixture.Store.Reads;
        for (var i = 0; i < Seconds; i++) Assert.Empty(await MadeAsync());
        Assert.Equal(names.Length * Seconds, _fixture.Store.Reads - reads);

        Count("n7");
        Count("elsewhere");
        Assert.Equal(["n7"], await MadeAsync());
        await CommitAsync(1);
        Assert.Equal([Name], await MadeAsync());
        Assert.Empty(await MadeAsync());
        // Another minute moves the hour that is told of.
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(names, await MadeAsync());

        async Task<List<string>> MadeAsync()
        {
            _fixture.Time.Advance(TallyStore.MaxAge);
            var made = new List<string>();
            foreach (var name in names)
            {
                if (await watches[name].ReadAsync(Token) is not null) made.Add(name);
            }

            return made;
        }
    }

    [Fact]
    public async Task Stats_OfAllLookedAtAgain_AreAsIfTheyWereReadAnew()
    {
        var stats = _fixture.Get<StatsReader>();
        foreach (var name in new[] { "doha", "geneva", "doha", "oslo" })
        {
            Count(name);
            _fixture.Time.Advance(TimeSpan.FromMinutes(20));
            var again = await stats.ReadAsync(Token);
            using var reader = _fixture.Create<StatsReader>();
            var anew = await reader.ReadAsync(Token);
            Assert.Equivalent(anew, again, strict: true);
        }

        // The first is longer ago than an hour.
        Assert.Equal(["doha", "geneva", "oslo"], (await stats.ReadAsync(Token)).Negotiations.Select(static flow => flow.Negotiation));
        Assert.Equal(3, (await stats.ReadAsync(Token)).LastHour.In);
    }

    private void Count(string negotiation) => _fixture.Get<WorkerTallies>().Ruled(
        new Ruling(Verdict.Forwarded, "", "") { Id = new EnvelopeId(negotiation, "us", Lane.Normal, 1) },
        Lane.Normal,
        TimeSpan.FromMilliseconds(20));

    private async Task CommitAsync(int count)
    {
        await _fixture.CommitAsync(count);
        await _fixture.Ledger.PutHeadAsync(_fixture.Time.GetUtcNow(), "us", [], Token);
    }
}
