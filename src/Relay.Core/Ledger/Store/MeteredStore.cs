using Relay.Core.Diagnostics;

namespace Relay.Core.Ledger.Store;

/// <summary>Counts each call at a store, because it is paid for by the call whatever comes of it.</summary>
internal sealed class MeteredStore(ILedgerStore store, RelayTelemetry telemetry) : ILedgerStore
{
    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        telemetry.Stored(StoreOperation.Read);
        return store.GetAsync(name, cancellationToken);
    }

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        telemetry.Stored(StoreOperation.Write);
        return store.PutIfAbsentAsync(name, content, cancellationToken);
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        telemetry.Stored(StoreOperation.Write);
        return store.PutIfMatchAsync(name, content, etag, cancellationToken);
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        telemetry.Stored(StoreOperation.List);
        return store.ListAsync(prefix, cancellationToken);
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        telemetry.Stored(StoreOperation.Delete);
        return store.DeleteAsync(name, cancellationToken);
    }
}
