using Relay.Core.Ledger.Storage;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger;

/// <summary>The fault injector itself: a fault that does something else than its name would hide what it is to find.</summary>
public sealed class FaultyLedgerStoreTests
{
    private readonly MemoryLedgerStore _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFault.Refused, false, true)]
    [InlineData(StoreFault.DoneButFailed, true, true)]
    [InlineData(StoreFault.Torn, true, false)]
    public async Task PutIfAbsent_Failing_LeavesWhatItsFaultSays(StoreFault fault, bool there, bool intact)
    {
        var faulty = Faulty(fault);
        await Assert.ThrowsAsync<LedgerStoreException>(async () => await faulty.PutIfAbsentAsync("a/b", new byte[] { 1, 2, 3, 4 }, Cancel));
        Assert.Equal(there, _store.Find("a/b") is not null);
        Assert.Equal(intact, _store.Find("a/b")?.Intact ?? true);
    }

    [Theory]
    [InlineData(StoreFault.Refused, 1)]
    [InlineData(StoreFault.Torn, 1)]
    [InlineData(StoreFault.DoneButFailed, 2)]
    public async Task PutIfMatch_Failing_IsOldOrNew(StoreFault fault, byte content)
    {
        _store.Set("a/head", new byte[] { 1 });
        var etag = _store.Find("a/head")!.ETag;
        await Assert.ThrowsAsync<LedgerStoreException>(async () => await Faulty(fault).PutIfMatchAsync("a/head", new byte[] { 2 }, etag, Cancel));
        Assert.Equal([content], _store.Find("a/head")!.Content.ToArray());
        Assert.True(_store.Find("a/head")!.Intact);
    }

    [Fact]
    public async Task PutIfMatch_Late_LandsAfterItsCallerHasGivenUp()
    {
        var faulty = Faulty(StoreFault.Late);
        using var deadline = new CancellationTokenSource();
        var put = faulty.PutIfAbsentAsync("a", new byte[] { 1 }, deadline.Token).AsTask();
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        Assert.Null(_store.Find("a"));
        Assert.True(await faulty.LandAsync());
        Assert.NotNull(_store.Find("a"));
        Assert.False(await faulty.LandAsync());
    }

    [Fact]
    public async Task Calls_Late_AnswerWhenTheyLand()
    {
        var faulty = Faulty(StoreFault.Late);
        var put = faulty.PutIfAbsentAsync("a", new byte[] { 1 }, Cancel).AsTask();
        Assert.False(put.IsCompleted);
        await faulty.LandAsync();
        Assert.True((await put).Stored);
    }

    private FaultyLedgerStore Faulty(StoreFault fault) => new(_store, _ => fault);
}
