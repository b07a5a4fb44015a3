using System.Collections.Concurrent;
using System.Globalization;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>
/// A tree of any size of which all leaves are made up, no two of them the same, but a few: what was changed is hashed anew, and the rest is
/// made once, so that one of a million leaves costs what one of ten does.
/// </summary>
internal sealed class ChangedTree : IMerkleNodes
{
    private static readonly ConcurrentDictionary<long, Lazy<MerkleTree>> MadeUp = [];

    private readonly MerkleTree _madeUp;
    private readonly Dictionary<(int Level, long Index), Digest> _changed = [];

    public ChangedTree(long size, params (long Index, Digest LeafHash)[] leaves)
    {
        Size = size;
        _madeUp = MadeUp.GetOrAdd(size, static size => new(() => Make(size))).Value;
        foreach (var (index, hash) in leaves) _changed[(0, index)] = hash;
        foreach (var (start, _) in leaves)
        {
            var index = start;
            for (var level = 1; (((index >>= 1) + 1) << level) <= size; level++)
            {
                TryGet(level - 1, 2 * index, out var left);
                TryGet(level - 1, 2 * index + 1, out var right);
                _changed[(level, index)] = MerkleHash.Node(left, right);
            }
        }
    }

    public long Size { get; }

    public bool TryGet(int level, long index, out Digest hash) =>
        _changed.TryGetValue((level, index), out hash) || _madeUp.TryGet(level, index, out hash);

    /// <summary>Root when it had this many leaves.</summary>
    public Digest Root(long size)
    {
        Assert.True(MerkleProof.TryRoot(this, size, out var root));
        return root;
    }

    private static MerkleTree Make(long size)
    {
        var tree = new MerkleTree();
        for (var i = 0L; i < size; i++) tree.Append(MerkleHash.Leaf(Samples.Utf8(i.ToString(CultureInfo.InvariantCulture))));
        return tree;
    }
}
