using System.Collections.Immutable;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Merkle;

/// <summary>
/// Every inclusion and consistency proof of every tree up to 1,100 entries against RFC
/// 6962's definitions, and bits of them flipped. The whole takes minutes and runs when
/// <c>RELAY_ALL_PROOFS</c> is set; without it, the sizes round powers of two.
/// </summary>
/// <remarks>
/// What a flipped bit of a sibling hash leads to depends on the tree and on the sibling alone,
/// not on which leaf below was asked about: the path from there up is the same. So in each
/// tree the bits of a sibling are flipped once, in the proof of one leaf that has it.
/// </remarks>
public sealed class AllProofsTests(ITestOutputHelper output)
{
    private const int Largest = 1100;

    private static readonly bool All = Environment.GetEnvironmentVariable("RELAY_ALL_PROOFS") is { Length: > 0 };
    private static readonly NaiveTree Naive = new(Largest);
    private static readonly MerkleTree Tree = Build();

    [Fact]
    public void Inclusion_EveryEntryOfEverySize_IsTheNaiveProofAndAnyFlippedBitIsRefused()
    {
        var (proofs, flips) = (0L, 0L);
        foreach (var size in Sizes())
        {
            var root = Naive.Root(size);
            var seen = new HashSet<Digest>();
            for (var index = 0; index < size; index++)
            {
                Assert.True(MerkleProof.TryBuildInclusion(Tree, index, size, out var proof));
                Assert.True(Naive.Path(index, 0, size).SequenceEqual(proof));
                Assert.Equal(proof.Length, MerkleProof.InclusionLength(index, size));
                Assert.True(MerkleProof.VerifyInclusion(Naive.Leaf(index), index, size, proof.AsSpan(), root));
                proofs++;
                for (var i = 0; i < proof.Length; i++)
                {
                    if (!seen.Add(proof[i])) continue;
                    Verifier verify = changed => MerkleProof.VerifyInclusion(Naive.Leaf(index), index, size, changed, root);
                    // Every bit in trees up to 300; beyond, in the whole run, every eighth bit of each, beginning with another each time.
                    if (size <= (All ? 300 : 64)) flips += FlipAll(proof, i, verify);
                    else for (var bit = (int)(proofs % 8); bit < 256; bit += All ? 8 : 256) flips += FlipOne(proof, i, bit, verify);
                }
            }
        }
        output.WriteLine($"{proofs} inclusion proofs, {flips} flipped bits, all refused");
    }

    [Fact]
    public void Consistency_EveryPairOfSizes_IsTheNaiveProofAndAFlippedBitOfEachHashIsRefused()
    {
        var (proofs, flips) = (0L, 0L);
        foreach (var second in Sizes())
        {
            var root = Naive.Root(second);
            for (var first = 1; first <= second; first++)
            {
                Assert.True(MerkleProof.TryBuildConsistency(Tree, first, second, out var proof));
                Assert.True(Naive.Consistency(first, 0, second, true).SequenceEqual(proof));
                Assert.True(MerkleProof.VerifyConsistency(first, Naive.Root(first), second, root, proof.AsSpan()));
                proofs++;
                for (var i = 0; i < proof.Length; i++)
                {
                    // Every bit in small trees; in large ones one bit of each hash, another each time.
                    Verifier verify = changed => MerkleProof.VerifyConsistency(first, Naive.Root(first), second, root, changed);
                    flips += second <= (All ? 200 : 33) ? FlipAll(proof, i, verify) : FlipOne(proof, i, (int)(flips * 37 % 256), verify);
                }
            }
        }
        output.WriteLine($"{proofs} consistency proofs, {flips} flipped bits, all refused");
    }

    // Around every power of two, where trees change their shape.
    private static IEnumerable<int> Sizes() => Enumerable.Range(1, Largest).Where(size =>
        All
            || size is <= 20
                or (>= 31 and <= 33)
                or (>= 63 and <= 65)
                or (>= 127 and <= 129)
                or (>= 255 and <= 257)
                or (>= 511 and <= 513)
                or (>= 1023 and <= 1025)
                or Largest);

    private static long FlipAll(ImmutableArray<Digest> proof, int at, Verifier verify)
    {
        for (var bit = 0; bit < 256; bit++) FlipOne(proof, at, bit, verify);
        return 256;
    }

    private static long FlipOne(ImmutableArray<Digest> proof, int at, int bit, Verifier verify)
    {
        Digest[] changed = [.. proof];
        var bytes = changed[at].ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        changed[at] = new Digest(bytes);
        Assert.False(verify(changed));
        return 1;
    }

    private static MerkleTree Build()
    {
        var tree = new MerkleTree();
        for (var i = 0; i < Largest; i++) tree.Append(MerkleHash.Leaf(NaiveTree.Entry(i)));
        return tree;
    }

    private delegate bool Verifier(ReadOnlySpan<Digest> proof);
}
