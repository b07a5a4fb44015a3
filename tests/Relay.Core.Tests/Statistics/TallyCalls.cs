using Relay.Core.Ledger.Store;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Statistics;

/// <summary>Counts calls of a store, and refuses some.</summary>
internal sealed class TallyCalls(MemoryLedgerStore store) : ILedgerStore
{
    private int _deletes;

    public int Writes { get; private set; }

    public int Reads { get; private set; }

    public int All { get; private set; }

    public bool IsDown { get; set; }

    public int LoseAnswers { get; set; }

    public int MostDeletes { get; init; } = int.MaxValue;

    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        Count();
        Reads++;
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
