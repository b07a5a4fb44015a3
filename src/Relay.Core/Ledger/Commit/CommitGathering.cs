namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Envelopes that came together: those that reach the commit while the others are still being begun wait for them, so that they share
/// a commit instead of the first going alone. Safe for concurrent use; whoever makes one ends it.
/// </summary>
/// <remarks>
/// No timer: it ends when all are begun, whether or not they have come as far as the commit, so an envelope that waits
/// for a vault holds up nobody. A ledger that is at work anyway takes what waits without asking.
/// </remarks>
public sealed class CommitGathering : IDisposable
{
    // Guards the field below. No await inside.
    private readonly Lock _gate = new();
    private HashSet<NegotiationLedger>? _waiting = [];

    /// <summary>All are begun: what waits is committed.</summary>
    public void Dispose()
    {
        HashSet<NegotiationLedger>? waiting;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, null);
        }

        foreach (var ledger in waiting ?? []) ledger.Start();
    }

    /// <summary>Takes note of a ledger that has something of the gathering.</summary>
    /// <returns>False when the gathering has ended: the caller starts the ledger.</returns>
    internal bool TryAdd(NegotiationLedger ledger)
    {
        lock (_gate)
        {
            _waiting?.Add(ledger);
            return _waiting is not null;
        }
    }
}
