using Relay.Core.Ledger.Store;

namespace Relay.Testing.Ledger;

/// <summary>
/// One worker's way to the store: gives way before a put of the head, as a store elsewhere would, and counts the swaps that were lost.
/// </summary>
internal sealed class RaceStore(ILedgerStore store, string head) : ILedgerStore
{
    private long _lost;

    public long Lost => Interlocked.Read(ref _lost);

    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) => store.GetAsync(name, cancellationToken);

    public async ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (name == head) await Task.Yield();
        return Count(name, await store.PutIfAbsentAsync(name, content, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        if (name == head) await Task.Yield();
        return Count(name, await store.PutIfMatchAsync(name, content, etag, cancellationToken).ConfigureAwait(false));
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        store.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => store.DeleteAsync(name, cancellationToken);

    private PutResult Count(string name, PutResult result)
    {
        if (name == head && !result.Stored) Interlocked.Increment(ref _lost);
        return result;
    }
}
