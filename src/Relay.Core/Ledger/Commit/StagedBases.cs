using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// The published blobs of one ledger that its newest heads stand on. Workers that commit to a ledger in turn read each other's heads again
/// and again, and most of those stand on the same few blobs: those are kept while the ledger is shared. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A name never gets another content, and whoever uses one checks it by its hash or by the root above it. One that was damaged when it
/// was read is damaged for as long as it is kept: whoever finds that reads again without.
/// </remarks>
internal sealed class StagedBases(ILedgerStore store)
{
    // Two levels of tiles, the entries, a stream or two, a delegation's claims each.
    private const int MaxKept = 16;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredBlob> _kept = new(StringComparer.Ordinal);
    private bool _keeps;

    /// <summary>Whether what is read is kept. False at first; once set to false all is read again.</summary>
    public bool Keeps
    {
        get
        {
            lock (_gate) return _keeps;
        }
        set
        {
            lock (_gate)
            {
                _keeps = value;
                if (!value) _kept.Clear();
            }
        }
    }

    /// <summary>A blob; null when there is none.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(name, out var kept)) return kept;
        }

        var blob = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (blob is not { Intact: true }) return blob;
        lock (_gate) Keep(name, blob);
        return blob;
    }

    /// <summary>A blob has been put that the next ones will grow from.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">All of it.</param>
    /// <param name="before">What it grew from, which none grows from any more; null when it stands alone.</param>
    public void Put(string name, ReadOnlyMemory<byte> content, StagedBase? before)
    {
        lock (_gate)
        {
            if (before is not null) _kept.Remove(before.Name);
            Keep(name, new StoredBlob(content, "", Intact: true));
        }
    }

    // Under the gate.
    private void Keep(string name, StoredBlob blob)
    {
        if (!_keeps || !LedgerPaths.IsPartial(name)) return;
        if (_kept.Count >= MaxKept) _kept.Clear();
        _kept[name] = blob;
    }
}
