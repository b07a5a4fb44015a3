using System.Collections.Immutable;
using Relay.Protocol.Ledger;

namespace Relay.Protocol.Evidence;

/// <summary>A checkpoint that the relay is said to have signed, and entries that are said to be in its tree.</summary>
/// <param name="Signed">The checkpoint.</param>
/// <param name="Leaves">At most two.</param>
public sealed record EvidenceTree(SignedCheckpoint Signed, ImmutableArray<EvidenceLeaf> Leaves)
{
    /// <summary>What a receipt shows.</summary>
    public static EvidenceTree Of(Receipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var proof = receipt.Proof;
        return new EvidenceTree(SignedCheckpoint.Of(receipt), [new EvidenceLeaf(proof.Index, receipt.Entry.ToBytes(), proof.Hashes)]);
    }
}
