using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Receipts of what a group logged, or found logged. The proof is taken when asked for, the text is written by whoever waits for it.
/// </summary>
/// <param name="decision">The decision.</param>
/// <param name="facts">Proofs of entries that were there before, in the tree that the decision started from.</param>
/// <param name="before">The head that it started from; null when there was none.</param>
/// <param name="after">The head that it ended in; null when nothing was committed.</param>
/// <param name="edge">Edge of the tree of <paramref name="after"/>, not trimmed yet.</param>
internal sealed class GroupReceipts(Decision decision, GroupFacts facts, LedgerHead? before, LedgerHead? after, TreeEdge? edge)
{
    /// <summary>What writes the receipt of an entry.</summary>
    public Func<byte[]> Of(long index)
    {
        var first = decision.State.Size - decision.Entries.Length;
        if (index < first)
        {
            // Proved in the tree before this commit, so it goes with the checkpoint of that tree.
            var logged = facts.Proved[index];
            return () => Write(before!, logged.Entry, index, logged.Proof);
        }

        if (!MerkleProof.TryBuildInclusion(edge!, index, decision.State.Size, out var proof))
        {
            throw new InvalidOperationException($"The edge lacks the proof of entry {index}.");
        }
        var entry = decision.Entries[(int)(index - first)].Entry ?? throw new InvalidOperationException($"Entry {index} is a text alone.");
        return () => Write(after!, entry, index, proof);
    }

    /// <summary>Writes a receipt.</summary>
    public static byte[] Write(LedgerHead head, LedgerEntry entry, long index, ImmutableArray<Digest> proof) =>
        Receipt.Write(entry, index, proof.AsSpan(), head.Checkpoint, head.Certificate);
}
