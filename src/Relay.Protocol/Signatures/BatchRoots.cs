using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>
/// Roots of batches that one key has verifiably signed, the newest and those asked for lately. Bounded; safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>The signature is part of what is remembered. By size and root alone a value with another signature behind the same path would hold
/// while its root is remembered and not afterwards, so that an honest relay would log what every later reader calls a lie.</para>
/// <para>What does not verify is not remembered: by size and root, one bad copy would take a good batch down with it; with the signature,
/// whoever makes bad ones makes each of them new. So a bad value costs one verification, as a bad single signature does.</para>
/// <para>One for each key, never shared: only a key's owner gets anything new in, and who replays old batches costs at worst the one
/// verification that a single signature would. Two generations of half the capacity each, the older of which is dropped whole: what is
/// asked for moves to the younger.</para>
/// </remarks>
/// <param name="capacity">Most that is remembered, 2 or more; about 200 bytes each.</param>
internal sealed class BatchRoots(int capacity)
{
    // Guards both sets; nothing is awaited or verified inside.
    private readonly Lock _gate = new();
    private HashSet<Root> _young = [];
    private HashSet<Root> _old = [];

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _young.Count + _old.Count(root => !_young.Contains(root));
            }
        }
    }

    public bool Contains(in Root root)
    {
        lock (_gate)
        {
            if (_young.Contains(root)) return true;
            if (!_old.Contains(root)) return false;
            Keep(root);
            return true;
        }
    }

    public void Add(in Root root)
    {
        lock (_gate)
        {
            Keep(root);
        }
    }

    private void Keep(in Root root)
    {
        if (_young.Count >= capacity / 2 && !_young.Contains(root))
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }
        _young.Add(root);
    }

    /// <summary>One root as signed.</summary>
    public readonly record struct Root(int TreeSize, Digest Hash, Digest R, Digest S)
    {
        public static Root Of(in BatchSignature batch, in Digest hash) => new(
            batch.TreeSize, hash, new Digest(batch.RootSignature[..Digest.Size]), new Digest(batch.RootSignature[Digest.Size..]));
    }
}
