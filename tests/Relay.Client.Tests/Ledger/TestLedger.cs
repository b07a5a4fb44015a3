using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Ledger;

/// <summary>
/// A ledger in memory that does what it is told: appends anything, signs a checkpoint at any size, gives any receipt, and answers readers.
/// </summary>
internal sealed class TestLedger(TestRelay relay, string negotiation = "doha-2026") : ILedgerLog
{
    private readonly List<byte[]> _entries = [];
    private readonly MerkleTree _tree = new();
    private readonly Dictionary<(long, Digest), SignedCheckpoint> _signed = [];

    public string Origin => $"{TestRelay.Name}/{negotiation}";

    public long Size => _tree.Size;

    /// <summary>Size that readers are shown; null for the whole.</summary>
    public long? Shown { get; set; }

    public IReadOnlyList<byte[]> Entries => _entries;

    /// <summary>A copy that grows on its own.</summary>
    public TestLedger Fork(long size)
    {
        var fork = new TestLedger(relay, negotiation);
        for (var i = 0; i < size; i++) fork.Append(_entries[i]);
        return fork;
    }

    public long Append(byte[] entry)
    {
        _entries.Add(entry);
        _tree.Append(MerkleHash.Leaf(entry));
        return Size - 1;
    }

    public long Append(Envelope envelope, Digest policy, DateTimeOffset at) => Append(EntryOf(envelope, policy, at).ToBytes());

    /// <summary>The entry of an envelope, with all its signatures, which the tests make in the order of their mediators' names.</summary>
    public static EnvelopeEntry EntryOf(Envelope envelope, Digest policy, DateTimeOffset at) => new()
    {
        Judged = new JudgedHead(policy, envelope.SignedBy(Enumerable.Range(0, envelope.Signatures.Length))),
        At = at,
    };

    public SignedCheckpoint Checkpoint(long? size = null)
    {
        var (at, root) = (size ?? Size, _tree.Root(size ?? Size));
        if (_signed.TryGetValue((at, root), out var signed)) return signed;
        var note = relay.Sign(new Checkpoint(Origin, at, root));
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, relay.Certificate.Bytes, out signed, out var error), error);
        return _signed[(at, root)] = signed;
    }

    public string Receipt(long index, long? size = null)
    {
        Assert.True(LedgerEntry.TryParse(_entries[(int)index], out var entry, out var error), error);
        Assert.True(MerkleProof.TryBuildInclusion(_tree, index, size ?? Size, out var proof));
        return System.Text.Encoding.UTF8.GetString(
            Protocol.Ledger.Receipt.Write(entry, index, proof.AsSpan(), Checkpoint(size).Note, relay.Certificate));
    }

    public long IndexOf(EnvelopeId id)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (LedgerEntry.TryParse(_entries[i], out var entry, out _) && entry is EnvelopeEntry envelope && envelope.Id == id) return i;
        }
        return -1;
    }

    public ImmutableArray<Digest> Consistency(long from, long to)
    {
        Assert.True(MerkleProof.TryBuildConsistency(_tree, from, to, out var proof));
        return proof;
    }

    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<SignedCheckpoint?>(Checkpoint(Shown));

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ImmutableArray<Digest>?>(to <= (Shown ?? Size) ? Consistency(from, to) : null);

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken)
    {
        var index = IndexOf(id);
        return ValueTask.FromResult<ReadOnlyMemory<byte>?>(
            index >= 0 && index < (Shown ?? Size) ? System.Text.Encoding.UTF8.GetBytes(Receipt(index, Shown)) : null);
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken)
    {
        if (tile.Level != TileId.EntriesLevel) return ValueTask.FromResult<ReadOnlyMemory<byte>?>(HashTile.Create(tile, _tree)?.Bytes);
        var start = (int)tile.Index * TileId.FullWidth;
        return start + tile.Width > _entries.Count
            ? ValueTask.FromResult<ReadOnlyMemory<byte>?>(null)
            : ValueTask.FromResult<ReadOnlyMemory<byte>?>(
                EntryBundle.Write([.. _entries.GetRange(start, tile.Width).Select(entry => new ReadOnlyMemory<byte>(entry))]));
    }
}
