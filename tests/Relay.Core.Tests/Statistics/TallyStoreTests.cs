using Microsoft.Extensions.Logging.Abstractions;
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
        var worker = new Worker(this, new CountingStore(_blobs));
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
        var (first, second) = (new Worker(this), new Worker(this));
        for (var i = 0; i < 5; i++)
        {
            first.Forward(Name);
            second.Forward(Name);
            second.Forward("geneva");
            await first.Store.SaveAsync(Token);
            await second.Store.SaveAsync(Token);
            _time.Advance(TimeSpan.FromSeconds(40));
        }

        foreach (var worker in new[] { first, second, new Worker(this) }) Assert.Equal(10, await ForwardedAsync(worker));
        // Nobody runs for a day.
        _time.Advance(TimeSpan.FromDays(1));
        var later = new Worker(this);
        await later.Store.FoldAsync(Token);
        Assert.Equal(10, await ForwardedAsync(later));
        Assert.Equal(1, (await later.Store.LookAsync(Token)).Workers);
    }

    [Fact]
    public async Task Look_WithinTwoSeconds_CostsNothing()
    {
        var worker = new Worker(this, new CountingStore(_blobs));
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
        var worker = new Worker(this);
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
        var cut = new Worker(this, new CountingStore(_blobs) { MostDeletes = 20 });
        await cut.Store.FoldAsync(Token);
        Assert.Equal(90 - 20 + 1, _blobs.Names.Count);
        Assert.Equal(90, await ForwardedAsync(new Worker(this)));
        await worker.Store.FoldAsync(Token);
        Assert.Equal(30 + 1, _blobs.Names.Count);
        Assert.Equal(90, await ForwardedAsync(new Worker(this)));

        _time.Advance(TallyStore.Kept + TimeSpan.FromHours(3));
        await worker.Store.FoldAsync(Token);
        await worker.Store.FoldAsync(Token);
        Assert.Empty(_blobs.Names);
    }

    [Fact]
    public async Task Save_WhoseAnswerIsLost_CountsOnce()
    {
        var calls = new CountingStore(_blobs) { LoseAnswers = 1 };
        var worker = new Worker(this, calls);
        worker.Forward(Name);
        await Assert.ThrowsAsync<LedgerStoreException>(() => worker.Store.SaveAsync(Token));
        worker.Forward(Name);
        await worker.Store.SaveAsync(Token);
        Assert.Equal(2, await ForwardedAsync(new Worker(this)));
    }

    [Fact]
    public async Task Store_ThatIsAway_LosesNothingForAQuarterOfAnHourAndNoMemoryAfter()
    {
        var calls = new CountingStore(_blobs) { IsDown = true };
        var worker = new Worker(this, calls);
        for (var i = 0; i < 40; i++)
        {
            worker.Forward(Name);
            await Assert.ThrowsAsync<LedgerStoreException>(() => worker.Store.SaveAsync(Token));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var look = await worker.Store.LookAsync(Token);
        Assert.False(look.IsWhole);
        Assert.InRange(look.Minutes(Name, DateTimeOffset.UnixEpoch).Count, 14, 15);
        calls.IsDown = false;
        await worker.Store.SaveAsync(Token);
        Assert.InRange(await ForwardedAsync(new Worker(this)), 14, 15);
        Assert.Empty(worker.Own.Minutes);
    }

    [Fact]
    public async Task Look_AtADamagedBlob_LeavesItOut()
    {
        var (first, second) = (new Worker(this), new Worker(this));
        first.Forward(Name);
        await first.Store.SaveAsync(Token);
        var name = Assert.Single(_blobs.Names);
        second.Forward(Name);
        await second.Store.SaveAsync(Token);
        _blobs.Set(name, "relay tallies 1\nnonsense nonsense\n"u8.ToArray());
        Assert.Equal(1, await ForwardedAsync(new Worker(this)));
    }

    [Fact]
    public void Names_OfStrangers_AreCountedTogether()
    {
        var tallies = new WorkerTallies(_time);
        foreach (var verdict in new[] { Verdict.UnknownNegotiation, Verdict.DirectoryUnavailable, Verdict.Oversize })
        {
            tallies.Refused(RulingOf("made-up", verdict));
            tallies.Ruled(RulingOf("made-up", verdict), Lane.Normal, TimeSpan.Zero);
        }

        tallies.Refused(new Ruling(Verdict.Malformed, "malformed", ""));
        tallies.Refused(RulingOf(Name, Verdict.BadSignature));
        var window = new TallyWindow();
        Assert.True(tallies.TryAdd(WorkerTallies.MinuteOf(_time.GetUtcNow()), window));
        Assert.Equal([TallyWindow.Other, Name], window.Negotiations.Keys.Order(StringComparer.Ordinal));
    }

    private static Ruling RulingOf(string negotiation, Verdict verdict) =>
        new(verdict, "reason", "") { Id = new EnvelopeId(negotiation, "us", Lane.Normal, 1) };

    private static async Task<int> ForwardedAsync(Worker worker)
    {
        var look = await worker.Store.LookAsync(Token);
        return look.Hours(Name, DateTimeOffset.UnixEpoch).Sum(hour => hour.Window.Of(Name).Ruled(Verdict.Forwarded));
    }

    private sealed class Worker
    {
        public Worker(TallyStoreTests test, CountingStore? store = null)
        {
            Calls = store ?? new CountingStore(test._blobs);
            Own = new WorkerTallies(test._time);
            Store = new TallyStore(Calls, Own, test._time, NullLogger<TallyStore>.Instance);
        }

        public CountingStore Calls { get; }

        public WorkerTallies Own { get; }

        public TallyStore Store { get; }

        public void Forward(string negotiation) =>
            Own.Ruled(RulingOf(negotiation, Verdict.Forwarded), Lane.Normal, TimeSpan.FromMilliseconds(20));
    }

    private sealed class CountingStore(MemoryLedgerStore store) : ILedgerStore
    {
        private int _deletes;

        public int Writes { get; private set; }

        public int All { get; private set; }

        public bool IsDown { get; set; }

        public int LoseAnswers { get; set; }

        public int MostDeletes { get; init; } = int.MaxValue;

        public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
        {
            Count();
            return store.GetAsync(name, cancellationToken);
        }

        public async ValueTask<PutResult> PutIfAbsentAsync(
            string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            Answer(await WriteAsync(() => store.PutIfAbsentAsync(name, content, cancellationToken)));

        public async ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
            Answer(await WriteAsync(() => store.PutIfMatchAsync(name, content, etag, cancellationToken)));

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken)
        {
            Count();
            return store.ListAsync(prefix, cancellationToken);
        }

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
        {
            Count();
            if (_deletes++ >= MostDeletes) throw new LedgerStoreException("cut");
            return store.DeleteAsync(name, cancellationToken);
        }

        private ValueTask<PutResult> WriteAsync(Func<ValueTask<PutResult>> put)
        {
            Count();
            Writes++;
            return put();
        }

        private PutResult Answer(PutResult put) => LoseAnswers-- > 0 ? throw new LedgerStoreException("no answer") : put;

        private void Count()
        {
            if (IsDown) throw new LedgerStoreException("down");
            All++;
        }
    }
}
