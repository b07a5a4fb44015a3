using System.Runtime.CompilerServices;
using Relay.Core.Ledger.Store;

namespace Relay.Benchmarks.Shapes;

/// <summary>Counts the calls at a store. Safe for concurrent use.</summary>
internal sealed class CountingStore(ILedgerStore store) : ILedgerStore
{
    private long _puts;
    private long _conditionalPuts;
    private long _refused;
    private long _gets;
    private long _deletes;
    private long _lists;
    private long _bytesPut;
    private long _bytesGot;

    public StoreCounts Counts => new(
        Interlocked.Read(ref _puts),
        Interlocked.Read(ref _conditionalPuts),
        Interlocked.Read(ref _refused),
        Interlocked.Read(ref _gets),
        Interlocked.Read(ref _deletes),
        Interlocked.Read(ref _lists),
        Interlocked.Read(ref _bytesPut),
        Interlocked.Read(ref _bytesGot));

    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _gets);
        var blob = await store.GetAsync(name, cancellationToken);
        Interlocked.Add(ref _bytesGot, blob?.Content.Length ?? 0);
        return blob;
    }

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _puts);
        Interlocked.Add(ref _bytesPut, content.Length);
        return CountAsync(store.PutIfAbsentAsync(name, content, cancellationToken));
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _conditionalPuts);
        Interlocked.Add(ref _bytesPut, content.Length);
        return CountAsync(store.PutIfMatchAsync(name, content, etag, cancellationToken));
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        await foreach (var name in store.ListAsync(prefix, cancellationToken)) yield return name;
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _deletes);
        return store.DeleteAsync(name, cancellationToken);
    }

    private async ValueTask<PutResult> CountAsync(ValueTask<PutResult> put)
    {
        var result = await put;
        if (!result.Stored) Interlocked.Increment(ref _refused);
        return result;
    }
}
