using System.Collections.Immutable;
using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// A ledger as this process has it in hand: a head that was read and verified or written
/// here, and what the next commit needs beside it, all of one moment. Immutable; replaced
/// whole by a swap, and given up whole as soon as anything speaks against it.
/// </summary>
/// <param name="Head">The head; null for a ledger that has not begun, of which nothing is kept.</param>
/// <param name="Edge">Right edge of the head's tree, trimmed.</param>
internal sealed record WorkingCopy(HeadInHand? Head, TreeEdge Edge)
{
    /// <summary>Newest chunks of streams, those not full, by the stream's position; as many as have been needed.</summary>
    public ImmutableDictionary<int, byte[]> Tails { get; init; } = ImmutableDictionary<int, byte[]>.Empty;

    /// <summary>What the next commit carries on: what the head has staged, or what is left of that once it is published here.</summary>
    public StagedCommit Staged { get; init; } = Head?.Head.Staged ?? StagedCommit.Empty;

    /// <summary>The head's state.</summary>
    public LedgerState State => Head?.Head.State ?? LedgerState.Empty;
}
