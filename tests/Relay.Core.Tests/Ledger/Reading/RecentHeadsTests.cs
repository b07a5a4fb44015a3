using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Reading;

public sealed class RecentHeadsTests : IAsyncDisposable
{
    private const string Negotiation = "doha-2026";

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryLedgerStore _store = new();
    private readonly LocalCertifier _certifier = new();
    private readonly CheckpointKeyRing _keys;
    private readonly StoredLedger _ledger;
    private readonly RecentHeads _heads;

    public RecentHeadsTests()
    {
        _keys = new CheckpointKeyRing(_certifier);
        _ledger = new StoredLedger(_store, _certifier, Negotiation);
        _heads = new RecentHeads(
            new LedgerReader(_store, _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(10), _time), _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _heads.DisposeAsync();
        _ledger.Dispose();
        _keys.Dispose();
        _certifier.Dispose();
    }

    [Fact]
    public async Task Head_ThatIsStillTheSame_IsReadAnewAndVerifiedOnce()
    {
        await CommitAsync();
        var first = (await FindAsync())!;
        var reads = _store.Reads;
        for (var i = 1; i <= 20; i++)
        {
            // Another object would have been parsed and verified anew.
            Assert.Same(first.State, (await FindAsync())!.State);
            Assert.Equal(i, _store.Reads - reads);
        }

        await CommitAsync();
        var second = (await FindAsync())!;
        Assert.Equal((1, 2), (first.State.Size, second.State.Size));
        Assert.True(second.At > first.At);
    }

    [Fact]
    public async Task Head_ThatIsChangedInTheStore_IsNotServedForTheOneThatWasVerified()
    {
        await CommitAsync();
        var first = (await FindAsync())!;
        var (name, head) = (LedgerPaths.Head(Negotiation), _store.Find(LedgerPaths.Head(Negotiation))!.Content);
        var changed = head.ToArray();
        changed[changed.Length / 2] ^= 1;
        _store.Set(name, changed);
        Assert.Null(await FindAsync());
        _store.Set(name, head, intact: false);
        Assert.Null(await FindAsync());
        _store.Set(name, head);
        Assert.Equal(first.State.Size, (await FindAsync())!.State.Size);
    }

    // When it is asked for anew, after a failure too.
    private ValueTask<RecentHead?> FindAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        return _heads.FindAsync(Negotiation, Token);
    }

    private async Task CommitAsync()
    {
        var at = _time.GetUtcNow();
        await _ledger.CommitAsync("us", Lane.Normal, 1, at, Token);
        await _ledger.PutHeadAsync(at, "us", [], Token);
    }
}
