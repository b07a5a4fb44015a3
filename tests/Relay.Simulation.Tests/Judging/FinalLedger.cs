using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// What a negotiation's ledger says in the end, read from the store alone: its head, what stands behind it, what is published.
/// </summary>
internal sealed class FinalLedger
{
    private readonly List<LedgerEntry> _entries = [];
    private readonly MerkleTree _tree = new();
    private readonly SimStore _store;
    private readonly LedgerHead _head;

    private FinalLedger(SimStore store, LedgerHead head)
    {
        _store = store;
        _head = head;
        Checkpoint = ReadCheckpoint(head.Checkpoint.Bytes.ToArray());
    }

    /// <summary>The head's checkpoint with the certificate of its key.</summary>
    public SignedCheckpoint Signed =>
        SignedCheckpoint.TryParse(_head.Checkpoint.Bytes, _head.Certificate.Bytes, out var signed, out var error)
            ? signed
            : throw new InvalidOperationException(error);

    public Checkpoint Checkpoint { get; }

    public IReadOnlyList<LedgerEntry> Entries => _entries;

    public MerkleTree Tree => _tree;

    /// <summary>Root of the first <paramref name="size"/> entries, computed from the entries.</summary>
    public string RootAt(long size) => _tree.Root(size).ToString();

    /// <summary>Null when nothing was ever committed.</summary>
    public static FinalLedger? Read(SimStore store, string negotiation)
    {
        if (ReadHead(store, negotiation) is not { } head) return null;
        var ledger = new FinalLedger(store, head);
        var checkpoint = ledger.Checkpoint;
        for (var index = 0L; index * TileId.FullWidth < checkpoint.Size; index++)
        {
            var id = TileId.Of(TileId.EntriesLevel, index, checkpoint.Size);
            var bundle = ledger.Read($"{negotiation}/{id.Path}");
            Assert.True(bundle is not null, $"{negotiation}/{id.Path} is missing or torn, with a checkpoint of size {checkpoint.Size}");
            Assert.True(EntryBundle.TryRead(bundle, id.Width, out var entries, out var error), error);
            foreach (var bytes in entries)
            {
                Assert.True(LedgerEntry.TryParse(bytes.Span, out var entry, out error), error);
                ledger._entries.Add(entry);
                ledger._tree.Append(MerkleHash.Leaf(bytes.Span));
            }
        }

        Assert.Equal(checkpoint.Root.ToString(), ledger.RootAt(checkpoint.Size));
        return ledger;
    }

    /// <summary>A ledger's head; null before its first commit.</summary>
    public static LedgerHead? ReadHead(SimStore store, string negotiation)
    {
        if (store.Get(LedgerPaths.Head(negotiation)) is not { } blob) return null;
        Assert.True(blob.Intact, $"{negotiation}: its head is torn");
        Assert.True(HeadCodec.TryRead(blob.Content, out var head, out _, out var error), error);
        return head;
    }

    public static Checkpoint ReadCheckpoint(byte[] note)
    {
        Assert.True(SignedNote.TryParse(note, out var parsed, out var error), error);
        Assert.True(Checkpoint.TryParse(parsed.Text.Span, out var checkpoint, out error), error);
        return checkpoint;
    }

    /// <summary>True for an envelope that waits for those before it, and whose bytes are there.</summary>
    public bool Holds(EnvelopeId id)
    {
        var position = _head.State.IndexOf(id.Sender, id.Lane);
        var held = position < 0 ? null : _head.State.Streams[position].FindHeld(id.Sequence);
        return held is not null && Read(LedgerPaths.Held(id, held.Blob)) is not null;
    }

    /// <summary>A blob as the head has it, staged or published; null when it is missing or torn.</summary>
    public byte[]? Read(string name)
    {
        var put = _head.Staged?.Puts.FirstOrDefault(put => put.Name == name);
        var start = _store.Get(put?.After?.Name ?? name);
        if (put is null) return start is { Intact: true } ? start.Content : null;
        if (put.After is null) return put.Content.ToArray();
        return start is { Intact: true } ? [.. start.Content, .. put.Content.Span] : null;
    }
}
