using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Statistics;

/// <summary>What those read who look again and again.</summary>
public sealed class TallyReadingTests
{
    private const string Name = "doha-2026";
    private const string Elsewhere = "geneva";

    // The beginning of an hour.
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryLedgerStore _blobs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reader_WhileNothingIsCounted_AsksForNamesOnceASecondAndForNoContent()
    {
        var (own, other) = (Worker(), Worker());
        for (var i = 0; i < 90; i++)
        {
            foreach (var worker in new[] { own, other }) await ForwardAsync(worker, Name);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        _time.Advance(TimeSpan.FromMinutes(20));
        // What is over is the store's.
        await own.Store.SaveAsync(Token);
        var readers = Enumerable.Range(0, 200).Select(i => own.Store.Of(i == 0 ? Name : $"n{i}")).ToList();
        var hour = own.Store.OfAll();
        foreach (var reader in readers) Assert.True(await reader.ReadAsync(Token));
        await hour.ReadAsync(Token);
        Assert.NotEmpty(hour.TakeChanged());
        // Each blob once, however many look.
        Assert.Equal(_blobs.Names.Count, own.Calls.Reads);

        var (reads, all) = (own.Calls.Reads, own.Calls.All);
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TallyStore.MaxAge);
            foreach (var reader in readers) Assert.False(await reader.ReadAsync(Token));
            await hour.ReadAsync(Token);
            Assert.Empty(hour.TakeChanged());
        }

        Assert.Equal((reads, all + 50), (own.Calls.Reads, own.Calls.All));
    }

    [Fact]
    public async Task Reader_OfOneNegotiation_IsToldOfNoOther()
    {
        var (own, other) = (Worker(), Worker());
        await ForwardAsync(other, Name);
        await ForwardAsync(own, Name);
        var reader = own.Store.Of(Name);
        Assert.True(await reader.ReadAsync(Token));
        own.Forward(Elsewhere);
        await ForwardAsync(other, Elsewhere);
        Assert.False(await NextAsync(reader));

        // Its own worker's counts to the moment, others' when they are written.
        own.Forward(Name);
        Assert.True(await reader.ReadAsync(Token));
        Assert.False(await reader.ReadAsync(Token));
        other.Forward(Name);
        Assert.False(await NextAsync(reader));
        await other.Store.SaveAsync(Token);
        Assert.True(await NextAsync(reader));
        Assert.Equal(4, Assert.Single(reader.Hours(DateTimeOffset.UnixEpoch)).Tally.Ruled(Verdict.Forwarded));
        // What is told is of the last hour, so it moves on with each minute.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await NextAsync(reader));
    }

    [Fact]
    public async Task Look_AtOthersMinutes_ReadsTheNewestEachTimeAndThoseThatAreOverOnceAMinute()
    {
        var (own, other) = (Worker(), Worker());
        for (var i = 0; i < 10; i++)
        {
            await ForwardAsync(other, Name);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await ForwardAsync(other, Name);
        var reader = own.Store.Of(Name);
        await reader.ReadAsync(Token);
        var reads = own.Calls.Reads;
        for (var i = 0; i < 20; i++) await NextAsync(reader);
        // This minute and the last.
        Assert.Equal(2 * 20, own.Calls.Reads - reads);
    }

    [Fact]
    public async Task Minute_ThatALateWorkerWrites_IsSeenAMinuteLater()
    {
        var (own, other) = (Worker(), Worker());
        await ForwardAsync(other, Name);
        other.Forward(Name);
        _time.Advance(TimeSpan.FromMinutes(5));
        var (reader, hour) = (own.Store.Of(Name), own.Store.OfAll());
        await reader.ReadAsync(Token);
        await hour.ReadAsync(Token);
        await other.Store.SaveAsync(Token);
        _time.Advance(TallyStore.LateEvery);
        await reader.ReadAsync(Token);
        await hour.ReadAsync(Token);
        Assert.Equal((2, 2), (Assert.Single(reader.Minutes(DateTimeOffset.UnixEpoch)).Tally.Total, hour.All.Total));
    }

    [Theory]
    [InlineData(TallyStore.MaxKeptBytes)]
    [InlineData(0)]
    public async Task Hour_ReadAgainAndAgain_IsAsIfItWereAddedUpAnew(long kept)
    {
        const int Seed = 2026;
        var random = new Random(Seed);
        var workers = new[] { Worker(kept), Worker(kept), Worker(kept) };
        var hour = workers[0].Store.OfAll();
        for (var i = 0; i < 700; i++)
        {
            foreach (var worker in workers)
            {
                for (var n = random.Next(4); n > 0; n--) Count(worker, random);
                if (random.Next(3) > 0) await worker.Store.SaveAsync(Token);
            }

            if (random.Next(10) == 0) await workers[1].Store.FoldAsync(Token);
            _time.Advance(TimeSpan.FromSeconds(1 + random.Next(60)));
            if (random.Next(20) == 0)
            {
                foreach (var worker in workers) await worker.Store.SaveAsync(Token);
                _time.Advance(TimeSpan.FromMinutes(random.Next(100)));
            }

            var isDown = random.Next(10) == 0;
            workers[0].Calls.IsDown = isDown;
            await hour.ReadAsync(Token);
            workers[0].Calls.IsDown = false;
            Assert.Equal(!isDown, hour.IsWhole);
            if (isDown) continue;
            var anew = workers[0].Store.OfAll();
            await anew.ReadAsync(Token);
            Assert.Equal(Told(anew), Told(hour));
        }
    }

    private static string Told(HourTallies hour) => string.Join(
        '\n',
        [
            $"all {Told(hour.All)}",
            .. hour.Minutes.Select(static minute => $"{minute.From:u} {Told(minute.Tally)}"),
            .. hour.Negotiations
                .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => $"{pair.Key} {Told(pair.Value)}"),
        ]);

    private static string Told(EnvelopeTally tally) => string.Join(
        ' ',
        tally.Total,
        tally.Ruled(Verdict.Forwarded),
        tally.Ruled(Verdict.Embargoed),
        tally.Refused(Verdict.BadSignature),
        string.Join('/', Enumerable.Range(0, SizeTally.Classes).Select(size => tally.Sizes?[size] ?? 0)),
        tally.Latency(Lane.Normal)?.Count ?? 0,
        tally.Latency(Lane.Normal)?.Quantile(0.5));

    private static void Count(TallyWorker worker, Random random)
    {
        var name = $"n{random.Next(30)}";
        switch (random.Next(4))
        {
            case 0:
                worker.Own.Refused(TallyWorker.RulingOf(name, Verdict.BadSignature));
                break;
            case 1:
                var until = DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(random.Next(1_000));
                worker.Own.Ruled(TallyWorker.RulingOf(name, Verdict.Embargoed) with { Until = until }, Lane.Normal, TimeSpan.Zero);
                break;
            default:
                worker.Forward(name, random.Next(1, 10_000));
                break;
        }
    }

    private TallyWorker Worker(long maxKeptBytes = TallyStore.MaxKeptBytes) => new(_time, new TallyCalls(_blobs), maxKeptBytes);

    private static async Task ForwardAsync(TallyWorker worker, string negotiation)
    {
        worker.Forward(negotiation);
        await worker.Store.SaveAsync(Token);
    }

    private ValueTask<bool> NextAsync(NegotiationTallies reader)
    {
        _time.Advance(TallyStore.MaxAge);
        return reader.ReadAsync(Token);
    }
}
