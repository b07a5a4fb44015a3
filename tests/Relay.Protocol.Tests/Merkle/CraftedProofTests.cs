using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Merkle;

/// <summary>
/// Proofs that fit numbers no tree has: each leads to the roots it names, so that only the guard on the range, or on the length,
/// refuses it.
/// </summary>
public sealed class CraftedProofTests
{
    private static readonly Digest A = Digest.Of([1]);
    private static readonly Digest B = Digest.Of([2]);
    private static readonly Digest C = Digest.Of([3]);
    private static readonly Digest D = Digest.Of([4]);

    [Fact]
    public void VerifyConsistency_FirstLargerThanSecond_IsFalse() =>
        Assert.False(MerkleProof.VerifyConsistency(3, A, 2, MerkleHash.Node(A, B), [A, B]));

    [Fact]
    public void VerifyConsistency_NegativeSize_IsFalse() =>
        Assert.False(MerkleProof.VerifyConsistency(-1, A, 2, MerkleHash.Node(A, B), [A, B]));

    [Fact]
    public void VerifyConsistency_LargestSizeAndOneMore_IsReadUpToTheLimit()
    {
        var proof = Enumerable.Range(0, 53).Select(i => Digest.Of([(byte)i])).ToArray();
        var root = proof.Aggregate(A, (left, right) => MerkleHash.Node(left, right));
        Assert.True(MerkleProof.VerifyConsistency(1, A, MerkleHash.MaxSize, root, proof));
        Assert.False(MerkleProof.VerifyConsistency(1, A, MerkleHash.MaxSize + 1, root, proof));
    }

    [Fact]
    public void VerifyConsistency_NoHashBetweenTwoSizes_IsFalse()
    {
        Assert.False(MerkleProof.VerifyConsistency(3, A, 5, A, []));
        Assert.False(MerkleProof.VerifyConsistency(4, A, 5, A, []));
    }

    [Fact]
    public void VerifyConsistency_HashesBeyondTheRoot_IsFalse()
    {
        var (first, second) = (MerkleHash.Node(C, A), MerkleHash.Node(C, MerkleHash.Node(A, B)));
        Assert.True(MerkleProof.VerifyConsistency(3, first, 4, second, [A, B, C]));
        Assert.False(MerkleProof.VerifyConsistency(3, MerkleHash.Node(D, first), 4, MerkleHash.Node(D, second), [A, B, C, D]));
    }

    [Fact]
    public void VerifyConsistency_HashesThatEndBelowTheRoot_IsFalse() =>
        Assert.False(MerkleProof.VerifyConsistency(3, A, 7, MerkleHash.Node(A, B), [A, B]));

    [Fact]
    public void VerifyConsistency_OnlyOneOfTheRootsLedTo_IsFalse()
    {
        var (first, second) = (MerkleHash.Node(C, A), MerkleHash.Node(C, MerkleHash.Node(A, B)));
        Assert.False(MerkleProof.VerifyConsistency(3, D, 4, second, [A, B, C]));
        Assert.False(MerkleProof.VerifyConsistency(3, first, 4, D, [A, B, C]));
    }

    [Fact]
    public void VerifyConsistency_EmptyTree_HasOneRoot()
    {
        Assert.False(MerkleProof.VerifyConsistency(0, A, 0, A, []));
        Assert.False(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 0, A, []));
        Assert.False(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 0, MerkleHash.Empty, [A]));
        Assert.False(MerkleProof.VerifyConsistency(0, A, 2, MerkleHash.Node(A, B), [B]));
    }

    [Fact]
    public void VerifyConsistency_EqualSizes_WantEqualRootsAndNoHash()
    {
        Assert.False(MerkleProof.VerifyConsistency(4, A, 4, B, []));
        Assert.False(MerkleProof.VerifyConsistency(4, A, 4, MerkleHash.Node(A, B), [A, B]));
        Assert.False(MerkleProof.VerifyConsistency(4, A, 4, A, [A]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void VerifyInclusion_IndexOutsideTheTree_IsFalse(long index) =>
        Assert.False(MerkleProof.VerifyInclusion(A, index, 2, [B], MerkleHash.Node(B, A)));

    [Fact]
    public void VerifyInclusion_IndexThatIsTheSize_IsFalse()
    {
        Assert.True(MerkleProof.VerifyInclusion(A, 1, 2, [B], MerkleHash.Node(B, A)));
        Assert.False(MerkleProof.VerifyInclusion(A, 2, 2, [B], MerkleHash.Node(A, B)));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, 0, [], A));
    }

    [Fact]
    public void VerifyInclusion_LargestSizeAndOneMore_IsReadUpToTheLimit()
    {
        var proof = Enumerable.Range(0, 53).Select(i => Digest.Of([(byte)i])).ToArray();
        var root = proof.Aggregate(A, (left, right) => MerkleHash.Node(left, right));
        Assert.True(MerkleProof.VerifyInclusion(A, 0, MerkleHash.MaxSize, proof, root));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, MerkleHash.MaxSize + 1, proof, root));
    }

    [Fact]
    public void VerifyInclusion_HashesBeyondTheRootOrEndingBelowIt_IsFalse()
    {
        Assert.True(MerkleProof.VerifyInclusion(A, 0, 1, [], A));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, 1, [B], MerkleHash.Node(B, A)));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, 1, [B], MerkleHash.Node(A, B)));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, 3, [B], MerkleHash.Node(A, B)));
        Assert.False(MerkleProof.VerifyInclusion(A, 0, 2, [], A));
    }
}
