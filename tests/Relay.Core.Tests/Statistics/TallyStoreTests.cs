using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Statistics;

public sealed class TallyStoreTests
{
    private const string Name = "doha-2026";

    // The beginning of an hour.
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryLedgerStore _blobs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_OfAThousandEnvelopes_IsOneWriteAndNoneWithoutNews()
    {
        var worker = Worker();
        for (var i = 0; i < 1_000; i++) worker.Forward(Name);
        await worker.Store.SaveAsync(Token);
        await worker.Store.SaveAsync(Token);
        Assert.Equal((1, 1), (worker.Calls.Writes, _blobs.Names.Count));
        worker.Forward(Name);
        await worker.Store.SaveAsync(Token);
        Assert.Equal((2, 1), (worker.Calls.Writes, _blobs.Names.Count));
        Assert.Equal(1_001, await ForwardedAsync(worker));
    }

    [Fact]
    public async Task Look_OverWorkersAndAfterARestart_HasAllThatWasCounted()
    {
        var (first, second) = (Worker(), Worker());
        for (var i = 0; i < 5; i++)
        {
            first.Forward(Name);
            second.Forward(Name);
            second.Forward("geneva");
            await first.Store.SaveAsync(Token);
            await second.Store.SaveAsync(Token);
            _time.Advance(TimeSpan.FromSeconds(40));
        }

        foreach (var worker in new[] { first, second, Worker() }) Assert.Equal(10, await ForwardedAsync(worker));
        // Nobody runs for a day.
        _time.Advance(TimeSpan.FromDays(1));
        var later = Worker();
        await later.Store.FoldAsync(Token);
        Assert.Equal(10, await ForwardedAsync(later));
        Assert.Equal(1, (await later.Store.LookAsync(Token)).Workers);
    }

    [Fact]
    public async Task Look_WithinTwoSeconds_CostsNothing()
    {
        var worker = Worker();
        await worker.Store.LookAsync(Token);
        var calls = worker.Calls.All;
        for (var i = 0; i < 200; i++) await worker.Store.LookAsync(Token);
        Assert.Equal(calls, worker.Calls.All);
        _time.Advance(TallyStore.MaxAge);
        await worker.Store.LookAsync(Token);
        Assert.True(worker.Calls.All > calls);
    }

    [Fact]
    public async Task Fold_AGoodHourAfter_AddsUpOnceWhateverIsCut()
    {
        var worker = Worker();
        for (var i = 0; i < 90; i++)
        {
            worker.Forward(Name);
            await worker.Store.SaveAsync(Token);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await worker.Store.FoldAsync(Token);
        Assert.Equal(90, _blobs.Names.Count);
        _time.Advance(TimeSpan.FromMinutes(31));
        // The second of two folds dies before it has taken the minutes away.
        var cut = Worker(new TallyCalls(_blobs) { MostDeletes = 20 });
        await cut.Store.FoldAsync(Token);
        Assert.Equal(90 - 20 + 1, _blobs.Names.Count);
        Assert.Equal(90, await ForwardedAsync(Worker()));
        await worker.Store.FoldAsync(Token);
        Assert.Equal(30 + 1, _blobs.Names.Count);
        Assert.Equal(90, await ForwardedAsync(Worker()));

        _time.Advance(TallyStore.Kept + TimeSpan.FromHours(3));
        await worker.Store.FoldAsync(Token);
        await worker.Store.FoldAsync(Token);
        Assert.Empty(_blobs.Names);
    }

    [Fact]
    public async Task Save_WhoseAnswerIsLost_CountsOnce()
    {
        var calls = new TallyCalls(_blobs) { LoseAnswers = 1 };
        var worker = Worker(calls);
        worker.Forward(Name);
        await Assert.ThrowsAsync<LedgerStoreException>(() => worker.Store.SaveAsync(Token));
        worker.Forward(Name);
        await worker.Store.SaveAsync(Token);
        Assert.Equal(2, await ForwardedAsync(Worker()));
    }

    [Fact]
    public async Task Store_ThatIsAway_LosesNothingForAQuarterOfAnHourAndNoMemoryAfter()
    {
        var calls = new TallyCalls(_blobs) { IsDown = true };
        var worker = Worker(calls);
        for (var i = 0; i < 40; i++)
        {
            worker.Forward(Name);
            await Assert.ThrowsAsync<LedgerStoreException>(() => worker.Store.SaveAsync(Token));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var tallies = worker.Store.Of(Name);
        await tallies.ReadAsync(Token);
        Assert.False(tallies.IsWhole);
        Assert.InRange(tallies.Minutes(DateTimeOffset.UnixEpoch).Count, 14, 15);
        calls.IsDown = false;
        await worker.Store.SaveAsync(Token);
        Assert.InRange(await ForwardedAsync(Worker()), 14, 15);
        Assert.Empty(worker.Own.Minutes);
    }

    [Fact]
    public async Task Look_AtADamagedBlob_LeavesItOut()
    {
        var (first, second) = (Worker(), Worker());
        first.Forward(Name);
        await first.Store.SaveAsync(Token);
        var name = Assert.Single(_blobs.Names);
        second.Forward(Name);
        await second.Store.SaveAsync(Token);
        _blobs.Set(name, "relay tallies 1\nnonsense nonsense\n"u8.ToArray());
        Assert.Equal(1, await ForwardedAsync(Worker()));
    }

    [Fact]
    public void Names_OfStrangers_AreCountedTogether()
    {
        var tallies = new WorkerTallies(_time);
        foreach (var verdict in new[] { Verdict.UnknownNegotiation, Verdict.DirectoryUnavailable, Verdict.Oversize })
        {
            tallies.Refused(TallyWorker.RulingOf("made-up", verdict));
            tallies.Ruled(TallyWorker.RulingOf("made-up", verdict), Lane.Normal, TimeSpan.Zero);
        }

        tallies.Refused(new Ruling(Verdict.Malformed, "malformed", ""));
        tallies.Refused(TallyWorker.RulingOf(Name, Verdict.BadSignature));
        var window = new TallyWindow();
        Assert.True(TallyText.TryAdd(Assert.Single(tallies.Minutes).Read().Content, window));
        Assert.Equal([TallyWindow.Other, Name], window.Negotiations.Keys.Order(StringComparer.Ordinal));
    }

    private TallyWorker Worker(TallyCalls? calls = null) => new(_time, calls ?? new TallyCalls(_blobs));

    private static async Task<int> ForwardedAsync(TallyWorker worker)
    {
        var tallies = worker.Store.Of(Name);
        await tallies.ReadAsync(Token);
        return tallies.Hours(DateTimeOffset.UnixEpoch).Sum(static hour => hour.Tally.Ruled(Verdict.Forwarded));
    }
}
