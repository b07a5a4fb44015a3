using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// The newest head of each ledger that this process has seen: whoever puts an older one in its place is noticed. Safe for concurrent use.
/// </summary>
/// <remarks>Lives as long as the process. Ledgers are those of valid directory documents, so there are few.</remarks>
internal sealed class SeenHeads
{
    // Guards _seen. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Commit, Digest Bytes)> _seen = new(StringComparer.Ordinal);

    /// <summary>Takes note of a head that verified.</summary>
    /// <returns>Null when it may follow what was seen, else what was expected and what came.</returns>
    public string? Note(string negotiation, long commit, in Digest bytes)
    {
        lock (_gate)
        {
            if (_seen.TryGetValue(negotiation, out var seen))
            {
                if (commit < seen.Commit)
                {
                    return $"expected a head of commit {seen.Commit} or later, got one of commit {commit}: it was rolled back";
                }
                if (commit == seen.Commit && bytes != seen.Bytes)
                {
                    return $"expected the head of commit {commit} as it was seen before, got another: the ledger was forked";
                }
            }

            _seen[negotiation] = (commit, bytes);
            return null;
        }
    }

    /// <summary>True for the newest head seen, byte for byte.</summary>
    public bool IsSeen(string negotiation, long commit, in Digest bytes)
    {
        lock (_gate)
        {
            return _seen.TryGetValue(negotiation, out var seen) && seen == (commit, bytes);
        }
    }

    /// <summary>The newest commit seen; 0 for none.</summary>
    public long CommitOf(string negotiation)
    {
        lock (_gate)
        {
            return _seen.TryGetValue(negotiation, out var seen) ? seen.Commit : 0;
        }
    }
}
