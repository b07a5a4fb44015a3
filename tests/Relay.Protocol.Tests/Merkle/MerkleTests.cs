using System.Collections.Immutable;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Merkle;

public sealed class MerkleTests
{
    private const int Largest = 1100;

    private static readonly NaiveTree Naive = new(Largest);
    private static readonly MerkleTree Tree = Build();

    // Eight entries and the roots over the first 1, 2, ... of them: the reference tree of Certificate Transparency's C++ and Go code
    // (transparency-dev/merkle, testonly/constants.go); the empty root and leaf are checkable with sha256sum.
    private static readonly string[] KnownEntries =
    [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ];

    private static readonly string[] KnownRoots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Hash_KnownInputs_GiveKnownAnswers()
    {
        Assert.Equal("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56", Hex(MerkleHash.Leaf("L123456"u8)));
        Assert.Equal(KnownRoots[1], Hex(MerkleHash.Leaf([])));
        Assert.Equal(KnownRoots[0], Hex(MerkleHash.Empty));
        var range = new CompactRange();
        Assert.Equal(KnownRoots[0], Hex(range.Root()));
        for (var i = 0; i < KnownEntries.Length; i++)
        {
            range.Append(MerkleHash.Leaf(Convert.FromHexString(KnownEntries[i])));
            Assert.Equal(KnownRoots[i + 1], Hex(range.Root()));
        }
    }

    // transparency-dev/merkle, cmd/proofgen/main.go; the trees of RFC 6962 section 2.1.3 have the same shapes.
    [Theory]
    [InlineData(0, 8, "96a296d2 5f083f0a 6b47aaf2")]
    [InlineData(5, 8, "bc1a0643 ca854ea1 d37ee418")]
    [InlineData(2, 3, "fac54203")]
    [InlineData(1, 5, "6e340b9c 5f083f0a bc1a0643")]
    public void Inclusion_KnownTree_IsTheKnownProof(int index, int size, string hashes)
    {
        Assert.True(MerkleProof.TryBuildInclusion(KnownTree(), index, size, out var proof));
        Assert.Equal(hashes, string.Join(' ', proof.Select(h => Hex(h)[..8])));
    }

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(1, 8, "96a296d2 5f083f0a 6b47aaf2")]
    [InlineData(6, 8, "0ebc5d34 ca854ea1 d37ee418")]
    [InlineData(2, 5, "5f083f0a bc1a0643")]
    [InlineData(6, 7, "0ebc5d34 b08693ec d37ee418")]
    public void Consistency_KnownTree_IsTheKnownProof(int first, int second, string hashes)
    {
        Assert.True(MerkleProof.TryBuildConsistency(KnownTree(), first, second, out var proof));
        Assert.Equal(hashes, string.Join(' ', proof.Select(h => Hex(h)[..8])));
    }

    [Fact]
    public void Leaf_LongEntry_IsHashedWhole()
    {
        foreach (var length in new[] { 1022, 1023, 1024, 1025, 70_000 })
        {
            var entry = new byte[length];
            entry[^1] = 7;
            Assert.Equal(Digest.Of([0, .. entry]), MerkleHash.Leaf(entry));
        }
    }

    [Fact]
    public void Root_EverySize_IsTheNaiveOne()
    {
        var range = new CompactRange();
        for (var size = 0; size <= Largest; size++)
        {
            var root = Naive.Root(size);
            Assert.Equal(root, range.Root());
            Assert.Equal(root, Tree.Root(size));
            Assert.True(CompactRange.TryRead(range.ToBytes(), out var read, out _));
            Assert.Equal(root, read.Root());
            if (size == Largest) break;
            var copy = range.Clone();
            range.Append(Naive.Leaf(size));
            Assert.Equal(root, copy.Root());
            read.Append(Naive.Leaf(size));
            Assert.Equal(range.Root(), read.Root());
        }
    }

    [Fact]
    public void TryRead_AnyOtherLengthOrSize_IsFalse()
    {
        var range = new CompactRange();
        for (var i = 0; i < 21; i++) range.Append(Naive.Leaf(i));
        var bytes = range.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(CompactRange.TryRead(bytes.AsSpan(0, length), out _, out var error));
            Assert.NotEqual("", error);
        }
        Assert.False(CompactRange.TryRead([.. bytes, 0], out _, out _));
        Assert.False(CompactRange.TryRead([0, 0x20, 0, 0, 0, 0, 0, 0], out _, out _));
        Assert.False(CompactRange.TryRead([0x80, 0, 0, 0, 0, 0, 0, 0], out _, out _));
    }

    [Fact]
    public void Inclusion_EveryEntryOfEverySizeTo300_IsTheNaiveProofAndVerifies()
    {
        for (var size = 1; size <= 300; size++)
        {
            for (var index = 0; index < size; index++) AssertInclusion(index, size);
        }
        for (var size = 301; size <= Largest; size += 37)
        {
            for (var index = 0; index < size; index += 29) AssertInclusion(index, size);
            AssertInclusion(size - 1, size);
        }
    }

    [Fact]
    public void Consistency_EveryPairTo130_IsTheNaiveProofAndVerifies()
    {
        for (var second = 1; second <= 130; second++)
        {
            for (var first = 1; first <= second; first++) AssertConsistency(first, second);
        }
        for (var second = 131; second <= Largest; second += 41)
        {
            for (var first = 1; first <= second; first += 31) AssertConsistency(first, second);
        }
    }

    [Fact]
    public void VerifyInclusion_AnyBitOrFieldChanged_IsFalse()
    {
        foreach (var size in new[] { 1, 2, 3, 7, 8, 13, 17 })
        {
            for (var index = 0; index < size; index++)
            {
                Assert.True(MerkleProof.TryBuildInclusion(Tree, index, size, out var proof));
                var (leaf, root) = (Naive.Leaf(index), Naive.Root(size));
                for (var bit = 0; bit < proof.Length * 256; bit++)
                {
                    Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, Flip(proof, bit), root));
                }
                for (var bit = 0; bit < 256; bit++)
                {
                    Assert.False(MerkleProof.VerifyInclusion(Flip(leaf, bit), index, size, proof.AsSpan(), root));
                    Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, proof.AsSpan(), Flip(root, bit)));
                }
                for (var other = 0; other < size; other++)
                {
                    if (other != index) Assert.False(MerkleProof.VerifyInclusion(leaf, other, size, proof.AsSpan(), root));
                }
                Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, [.. proof, root], root));
                Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, [root, .. proof], root));
                if (proof.Length > 0) Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, proof.AsSpan()[1..], root));
                if (proof.Length > 0) Assert.False(MerkleProof.VerifyInclusion(leaf, index, size, proof.AsSpan()[..^1], root));
                Assert.False(MerkleProof.VerifyInclusion(leaf, -1, size, proof.AsSpan(), root));
                Assert.False(MerkleProof.VerifyInclusion(leaf, index + size, size, proof.AsSpan(), root));
            }
        }
    }

    [Fact]
    public void VerifyConsistency_AnyBitOrFieldChanged_IsFalse()
    {
        foreach (var second in new[] { 2, 3, 7, 8, 13, 21 })
        {
            for (var first = 1; first < second; first++)
            {
                Assert.True(MerkleProof.TryBuildConsistency(Tree, first, second, out var proof));
                var (one, two) = (Naive.Root(first), Naive.Root(second));
                for (var bit = 0; bit < proof.Length * 256; bit++)
                {
                    Assert.False(MerkleProof.VerifyConsistency(first, one, second, two, Flip(proof, bit)));
                }
                for (var bit = 0; bit < 256; bit++)
                {
                    Assert.False(MerkleProof.VerifyConsistency(first, Flip(one, bit), second, two, proof.AsSpan()));
                    Assert.False(MerkleProof.VerifyConsistency(first, one, second, Flip(two, bit), proof.AsSpan()));
                }
                Assert.False(MerkleProof.VerifyConsistency(first, one, second, two, [.. proof, two]));
                Assert.False(MerkleProof.VerifyConsistency(first, one, second, two, proof.AsSpan()[1..]));
                Assert.False(MerkleProof.VerifyConsistency(first, one, second, two, proof.AsSpan()[..^1]));
                Assert.False(MerkleProof.VerifyConsistency(second, two, first, one, proof.AsSpan()));
            }
        }
    }

    [Fact]
    public void VerifyConsistency_EmptyAndEqualTrees_WantAnEmptyProof()
    {
        var root = Naive.Root(5);
        Assert.True(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 5, root, []));
        Assert.False(MerkleProof.VerifyConsistency(0, root, 5, root, []));
        Assert.False(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 5, root, [root]));
        Assert.True(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 0, MerkleHash.Empty, []));
        Assert.False(MerkleProof.VerifyConsistency(0, MerkleHash.Empty, 0, root, []));
        Assert.True(MerkleProof.VerifyConsistency(5, root, 5, root, []));
        Assert.False(MerkleProof.VerifyConsistency(5, root, 5, Naive.Root(6), []));
        Assert.False(MerkleProof.VerifyConsistency(5, root, 5, root, [root]));
        Assert.False(MerkleProof.VerifyConsistency(-1, root, 5, root, []));
    }

    [Fact]
    public void TryBuild_OutOfRangeOrMissingHash_IsFalse()
    {
        Assert.False(MerkleProof.TryBuildInclusion(Tree, Largest, Largest, out _));
        Assert.False(MerkleProof.TryBuildInclusion(Tree, -1, 5, out _));
        Assert.False(MerkleProof.TryBuildInclusion(Tree, 0, Largest + 1, out _));
        Assert.False(MerkleProof.TryBuildConsistency(Tree, 6, 5, out _));
        Assert.False(MerkleProof.TryBuildConsistency(Tree, 5, Largest + 1, out _));
        Assert.False(MerkleProof.TryRoot(Tree, Largest + 1, out _));
        Assert.False(MerkleProof.TryRoot(Tree, -1, out _));
    }

    private static void AssertInclusion(int index, int size)
    {
        Assert.True(MerkleProof.TryBuildInclusion(Tree, index, size, out var proof));
        Assert.True(Naive.Path(index, 0, size).SequenceEqual(proof));
        Assert.True(MerkleProof.VerifyInclusion(Naive.Leaf(index), index, size, proof.AsSpan(), Naive.Root(size)));
    }

    private static void AssertConsistency(int first, int second)
    {
        Assert.True(MerkleProof.TryBuildConsistency(Tree, first, second, out var proof));
        Assert.True(Naive.Consistency(first, 0, second, true).SequenceEqual(proof));
        Assert.True(MerkleProof.VerifyConsistency(first, Naive.Root(first), second, Naive.Root(second), proof.AsSpan()));
    }

    private static MerkleTree Build()
    {
        var tree = new MerkleTree();
        for (var i = 0; i < Largest; i++) tree.Append(MerkleHash.Leaf(NaiveTree.Entry(i)));
        return tree;
    }

    private static MerkleTree KnownTree()
    {
        var tree = new MerkleTree();
        foreach (var entry in KnownEntries) tree.Append(MerkleHash.Leaf(Convert.FromHexString(entry)));
        return tree;
    }

    private static Digest[] Flip(ImmutableArray<Digest> proof, int bit)
    {
        Digest[] changed = [.. proof];
        changed[bit / 256] = Flip(changed[bit / 256], bit % 256);
        return changed;
    }

    private static Digest Flip(Digest digest, int bit)
    {
        var bytes = digest.ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return new Digest(bytes);
    }

    private static string Hex(Digest digest) => Convert.ToHexStringLower(digest.ToArray());
}
