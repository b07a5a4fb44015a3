using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>Where proofs get their hashes: the roots of full subtrees of one tree.</summary>
public interface IMerkleNodes
{
    /// <summary>Root of the full subtree over entries <c>index * 2^level</c> up to, without, <c>(index + 1) * 2^level</c>.</summary>
    /// <param name="level">0 for leaf hashes, up to 52.</param>
    /// <param name="index">Place from the left among the subtrees of this level, from 0.</param>
    /// <param name="hash">The hash when true.</param>
    /// <returns>False when the tree is too small or its data is not at hand.</returns>
    bool TryGet(int level, long index, out Digest hash);
}
