using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>Roots of the full subtrees of a growing tree, the largest first. RFC 6962 section 2.1.</summary>
internal sealed class TreeFold
{
    private readonly List<(int Height, Digest Hash)> _subtrees = [];

    public TreeFold()
    {
    }

    private TreeFold(TreeFold other) => _subtrees.AddRange(other._subtrees);

    public IEnumerable<Digest> Roots => _subtrees.Select(subtree => subtree.Hash);

    public TreeFold Clone() => new(this);

    /// <summary>Adds a full subtree at the right; every one before it must be at least as high.</summary>
    public void Add(Digest hash, int height)
    {
        while (_subtrees is [.., var last] && last.Height == height)
        {
            _subtrees.RemoveAt(_subtrees.Count - 1);
            hash = MerkleHash.Node(last.Hash, hash);
            height++;
        }

        _subtrees.Add((height, hash));
    }

    public Digest Root()
    {
        if (_subtrees.Count == 0) return MerkleHash.Empty;
        var root = _subtrees[^1].Hash;
        for (var i = _subtrees.Count - 2; i >= 0; i--) root = MerkleHash.Node(_subtrees[i].Hash, root);
        return root;
    }

    /// <summary>Root of a full tile of 256 hashes of one level.</summary>
    public static Digest Of(IReadOnlyList<Digest> hashes)
    {
        var fold = new TreeFold();
        foreach (var hash in hashes) fold.Add(hash, 0);
        return fold.Root();
    }
}
