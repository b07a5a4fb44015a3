using Relay.Checker;
using Relay.Core.Ledger.Store;

namespace Relay.Testing.Ledger;

/// <summary>The relay's store as the checker reads one.</summary>
public sealed class StoreToCheck(ILedgerStore store) : ICheckedStore
{
    public async ValueTask<CheckedBlob?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await store.GetAsync(name, cancellationToken) is { } blob ? new CheckedBlob(blob.Content, blob.ETag, blob.Intact) : null;

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        store.ListAsync(prefix, cancellationToken);
}
