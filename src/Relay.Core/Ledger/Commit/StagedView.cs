using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// One ledger's blobs as they are at its head: what is staged behind the head, and for the rest what is published. Not for concurrent use.
/// </summary>
internal sealed class StagedView(StagedBases bases)
{
    /// <summary>What stands over the published blobs.</summary>
    public StagedCommit Staged { get; set; } = StagedCommit.Empty;

    /// <summary>A blob as the head has it; null when there is none.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (Staged.Find(name) is not { } put) return await bases.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (put.After is not { } after) return new StoredBlob(put.Content, "", Intact: true);
        var start = await bases.GetAsync(after.Name, cancellationToken).ConfigureAwait(false);
        // Superseded, if the head at hand is an old one: then the whole may be published.
        if (start is null) return await bases.GetAsync(name, cancellationToken).ConfigureAwait(false);
        return start.Intact && put.TryGrow(start.Content, out var content)
            ? new StoredBlob(content, "", Intact: true)
            : new StoredBlob(start.Content, "", Intact: false);
    }
}
