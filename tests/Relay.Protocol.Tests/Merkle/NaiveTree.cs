using System.Security.Cryptography;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Merkle;

/// <summary>
/// RFC 6962 section 2.1 as its recursive definitions stand, over leaf hashes; shares nothing with the code under test but SHA-256.
/// </summary>
internal sealed class NaiveTree
{
    private readonly Dictionary<(int, int), byte[]> _known = [];
    private readonly List<byte[]> _leaves = [];

    public NaiveTree(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _leaves.Add(SHA256.HashData([0, .. Entry(i)]));
        }
    }

    public static byte[] Entry(int index) => Samples.Utf8($"entry {index}");

    public Digest Leaf(int index) => new(_leaves[index]);

    /// <summary>MTH(D[low:high]).</summary>
    public byte[] Hash(int low, int high)
    {
        if (low == high) return SHA256.HashData([]);
        if (high - low == 1) return _leaves[low];
        if (_known.TryGetValue((low, high), out var known)) return known;
        var k = low + Split(high - low);
        return _known[(low, high)] = SHA256.HashData([1, .. Hash(low, k), .. Hash(k, high)]);
    }

    public Digest Root(int size) => new(Hash(0, size));

    /// <summary>PATH(m, D[low:high]), section 2.1.1.</summary>
    public List<Digest> Path(int m, int low, int high)
    {
        if (high - low == 1) return [];
        var k = Split(high - low);
        return m < k
            ? [.. Path(m, low, low + k), new Digest(Hash(low + k, high))]
            : [.. Path(m - k, low + k, high), new Digest(Hash(low, low + k))];
    }

    /// <summary>SUBPROOF(m, D[low:high], b), section 2.1.2.</summary>
    public List<Digest> Consistency(int m, int low, int high, bool complete)
    {
        if (m == high - low) return complete ? [] : [new Digest(Hash(low, high))];
        var k = Split(high - low);
        return m <= k
            ? [.. Consistency(m, low, low + k, complete), new Digest(Hash(low + k, high))]
            : [.. Consistency(m - k, low + k, high, false), new Digest(Hash(low, low + k))];
    }

    private static int Split(int n)
    {
        var k = 1;
        while (k * 2 < n) k *= 2;
        return k;
    }
}
